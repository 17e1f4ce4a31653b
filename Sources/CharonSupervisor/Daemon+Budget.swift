import CharonCore
import CharonRuns
import Logging

/// What a daemon knows of the disk that its records take.
struct BudgetState {
    /// The last look: what the records take, and what they may.
    struct Look: Sendable {
        var used: DiskUse
        var limit: DiskUse
    }

    /// All runs that are not followed, as of the last survey and what has changed since.
    var settled = DiskUse()
    var surveyedAt: Instant?
    var last: Look?
    /// What was said already is not said at every look.
    var hasSaidTooMuch = false
    var hasSaidNoHoles = false
    var task: Task<Void, Never>?
}

extension Daemon {
    /// Keeps to the disk budget until the daemon stops: looks at the records now, after growth, and now and then.
    package func startBudget() {
        guard budget.task == nil else { return }
        let growth = context.growth
        budget.task = Task {
            var isSecondLook = false
            while !Task.isCancelled {
                let isDone = await keepBudget()
                // Once more soon, to see what came of it: what could not be cut then will not be cut at once.
                isSecondLook = !isDone && !isSecondLook
                // While nothing is followed nothing grows, and nobody is to be woken for it.
                if !isSecondLook { await growth.wait(entries.isEmpty ? Timing.budgetSurvey : Timing.budgetLook) }
                let pause = isSecondLook ? Timing.outputSync : Timing.budgetPause
                await Wakeup.sleep(for: pause)
            }
        }
    }

    /// Looks at the records once and has go what is too much.
    ///
    /// False if followers were told to drop output, which they do when they come to it.
    @discardableResult
    package func keepBudget() async -> Bool {
        let (used, limit) = await measure()
        var actions: [DiskBudget.Action] = []
        if used.exceeds(limit) { actions = await plan(limit) }
        if used.exceeds(limit), actions.isEmpty, !budget.hasSaidTooMuch {
            log.report(
                .diskFull, "disk budget exceeded, and nothing more may go", .error,
                ["used": "\(used)", "budget": "\(limit)"])
        }
        budget.hasSaidTooMuch = used.exceeds(limit) && actions.isEmpty
        let retired = await retire(actions)
        let isCut = await order(actions)
        let left = used - retired
        budget.last = BudgetState.Look(used: left, limit: limit)
        let room = limit - left
        let step = DiskUse(bytes: limit.bytes / 64, files: limit.files / 64)
        context.growth.restart(
            until: DiskUse(bytes: max(room.bytes, step.bytes), files: max(room.files, step.files)))
        return !isCut
    }

    /// What the records take and may take; those that do not change are measured rarely.
    private func measure() async -> (used: DiskUse, limit: DiskUse) {
        let (state, limits) = (configuration.state, configuration.budget)
        let live = entries.values.map { RunDirectory(state: state, slug: $0.request.slug, run: $0.request.run) }
        let now = SteadyClock.now()
        let isSurvey = budget.surveyedAt.map { now.seconds(since: $0) >= Timing.budgetSurvey.seconds } ?? true
        let found = await bulk.perform {
            let live = live.reduce(DiskUse()) { $0 + $1.use }
            // The intents have a fixed size, whatever the budget is.
            let names = ((try? RecordFile.names(in: state)) ?? []).filter { $0 != "runs" && $0 != "intents" }
            let other = names.reduce(DiskUse()) { $0 + DiskUse(of: "\(state)/\($1)") }
            let runs = isSurvey ? DiskUse(of: "\(state)/runs") : nil
            return (live: live, other: other, runs: runs, fileSystem: FileSystem(of: state))
        }
        if let runs = found.runs {
            budget.settled = runs - found.live
            budget.surveyedAt = now
        }
        let used = budget.settled + found.live + found.other
        return (used, limits.limit(used: used, on: found.fileSystem))
    }

    private func plan(_ limit: DiskUse) async -> [DiskBudget.Action] {
        let state = configuration.state
        let followed = Set(entries.values.filter { $0.follower != nil }.map(\.request.run))
        let live = operated.union(entries.keys)
        return await bulk.perform {
            let runs = ((try? RunDirectory.all(state: state)) ?? []).map { directory in
                let state = Self.state(
                    of: directory, isLive: live.contains(directory.run), isFollowed: followed.contains(directory.run))
                return DiskBudget.Run(directory, state, directory.use)
            }
            let all = DiskUse(of: state) - DiskUse(of: "\(state)/intents")
            let other = all - runs.reduce(DiskUse()) { $0 + $1.use }
            return DiskBudget.actions(runs, other: other, limit: limit)
        }
    }

    private static func state(of directory: RunDirectory, isLive: Bool, isFollowed: Bool) -> DiskBudget.Run.State {
        guard isFollowed || !isLive, let delivery = (try? directory.delivery()) ?? nil else { return .unknown }
        let ended = (try? directory.exit()) ?? nil
        guard isLive else {
            return delivery.isDone && ended != nil ? .delivered(setAside: delivery.setAside.count > 0) : .unknown
        }
        let size = ended?.outputBytes ?? (try? OutputReader(directory).size) ?? 0
        let allocated = directory.outputUse
        let waiting = delivery.isDone ? 0 : min(delivery.waitingBytes(before: size), allocated)
        let kept = delivery.setAside.bytes + max(FollowedRecord.keptEnd - waiting, 0)
        return .undelivered(waiting: waiting, spare: max(allocated - waiting - kept, 0))
    }

    /// What the runs took that are now lines of the history.
    private func retire(_ actions: [DiskBudget.Action]) async -> DiskUse {
        let history = history
        var (freed, count) = (DiskUse(), 0)
        for case .retire(let directory) in actions where !isLive(directory.run) {
            do {
                let use = try await bulk.perform { () throws(SystemError) in try history.retire(directory) }
                freed += use
                count += use.files > 0 ? 1 : 0
            } catch {
                log.error("old run not removed", metadata: ["run": "\(directory.run)", "reason": "\(error)"])
                break
            }
        }
        budget.settled -= freed
        if count > 0 {
            log.notice(
                "delivered runs removed for the disk budget", metadata: ["runs": "\(count)", "freed": "\(freed)"])
        }
        return freed
    }

    /// Tells followers what to drop; false if there is nothing, or the file system cannot.
    private func order(_ actions: [DiskBudget.Action]) async -> Bool {
        var orders: [(RunDirectory, keeping: Int64)] = []
        for action in actions {
            switch action {
            case .retire: break
            case .free(let directory): orders.append((directory, .max))
            case .cut(let directory, let keeping): orders.append((directory, keeping))
            }
        }
        guard let first = orders.first?.0 else { return false }
        guard await bulk.perform({ (try? first.canDropOutput()) ?? true }) else {
            if !budget.hasSaidNoHoles {
                log.warning(
                    "disk budget exceeded, and parts of a file cannot be given back on this file system",
                    metadata: ["path": "\(configuration.state)"])
            }
            budget.hasSaidNoHoles = true
            return false
        }
        for (directory, keeping) in orders { entries[directory.run]?.follower?.cut(keeping: keeping) }
        return true
    }

    /// Whether its record may change at this moment.
    private func isLive(_ run: RunID) -> Bool { entries[run] != nil || operated.contains(run) }

    /// A run is not followed any more: from here on its size is known.
    func settle(_ directory: RunDirectory) async {
        budget.settled += await bulk.perform { directory.use }
    }

    /// What `GetStatus` says of the disk; nil before the first look.
    var diskStatus: JSON? {
        budget.last.map { look in
            [
                "bytes": .integer(look.used.bytes), "files": .integer(look.used.files),
                "most_bytes": .integer(look.limit.bytes), "most_files": .integer(look.limit.files),
            ]
        }
    }

    /// How many lines and bytes of a run the disk budget took before Charon had them; nil for none.
    static func dropped(_ delivery: DeliveryRecord) -> JSON? {
        let dropped = delivery.dropped
        guard dropped.count > 0 else { return nil }
        return ["lines": .integer(dropped.lines), "bytes": .integer(dropped.bytes)]
    }
}
