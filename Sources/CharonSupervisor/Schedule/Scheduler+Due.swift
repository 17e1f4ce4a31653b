import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import HeapModule

extension Scheduler {
    /// As many missed times as `catch_up: all` makes up for at once, the latest ones.
    private static let mostMissed = 1000

    /// What the schedules of a job that were looked at bring; they are looked at again at their next times.
    mutating func evaluate(
        _ slug: Slug, _ tracks: [Int: Instant], _ wakeups: [String: CharonSchedule.Wakeup]
    ) -> [Action] {
        guard let entry = entries[slug] else { return [] }
        let catchUp = entry.job.options.catchUp
        var due: Set<LocalTime> = []
        var missed: [Occurrence] = []
        for track in tracks.keys.sorted() {
            push(slug, entry, track)
            guard let wakeup = wakeups[Self.zoneName(of: entry.job, track)] else { continue }
            let found = wakeup.due(entry.job.schedules[track], limit: catchUp.missed == .none ? 1 : Self.mostMissed)
            due.formUnion(found.run?.nominal ?? [])
            missed += found.missed
        }
        let known = started.removeValue(forKey: slug) ?? []
        due = due.filter { !known.contains($0.description) }
        missed.removeAll { !$0.nominal.isEmpty && $0.nominal.allSatisfy { known.contains($0.description) } }
        guard isOpen(slug) else { return [] }
        let first = tracks.values.min() ?? reading.wall
        return arrive(entry.job, due: due, at: first, missed: missed.sorted { $0.instant < $1.instant })
    }

    /// Whether the job's switches on this host let it start by itself.
    func isOpen(_ slug: Slug) -> Bool { !isDraining && pauses.pause(of: slug, at: reading.wall) == nil }

    private mutating func arrive(
        _ job: Job, due: Set<LocalTime>, at first: Instant, missed: [Occurrence]
    ) -> [Action] {
        let times = due.sorted().map(\.description)
        var actions: [Action] = []
        let catchUp = job.options.catchUp
        let oldest = reading.wall.advanced(bySeconds: -catchUp.lookBack.seconds)
        let made = missed.filter { $0.instant >= oldest }
        switch catchUp.missed {
        case .none:
            if let first = missed.first { actions.append(.missed(job.slug, first: first.instant)) }
        case .once where !made.isEmpty:
            let all = made.flatMap { $0.nominal.map(\.description) } + times
            return actions + admit(job, JobMark(.missed, due: made[0].instant, times: all))
        case .all where !made.isEmpty:
            for run in made {
                let mark = JobMark(.missed, due: run.instant, times: run.nominal.map(\.description))
                waiting[job.slug, default: []].append(WaitingStart(.catchUp, mark))
            }
            if !times.isEmpty {
                let mark = JobMark(.due, due: first, times: times)
                waiting[job.slug, default: []].append(WaitingStart(.catchUp, mark))
            }
            return actions + [.keep(job.slug)] + startNext(job.slug)
        case .once, .all: break
        }
        guard !times.isEmpty else { return actions }
        let mark = JobMark(.due, due: first, times: times)
        let delay = spread(of: job)
        guard delay > 0 else { return actions + admit(job, mark) }
        return actions + [wait(job.slug, WaitingStart(.spread, mark, until: Self.sum(reading.boot, delay)))]
    }

    /// The job's share of `spread` on this host, in nanoseconds.
    private func spread(of job: Job) -> Int64 {
        let most = job.options.spread.milliseconds
        guard most > 0 else { return 0 }
        let seed = Seed.of(host, job.slug.text, "spread")
        return Int64(seed % UInt64(most)) * 1_000_000
    }

    /// Starts a job whose time has come, unless an earlier run or its deadline is in the way.
    mutating func admit(_ job: Job, _ mark: JobMark) -> [Action] {
        var actions: [Action] = []
        // What was to follow an earlier failure is this run's business now.
        if mark.reason != .retry, drop(.retry, of: job.slug) { actions.append(.keep(job.slug)) }
        let start = JobStart(run: RunID(at: reading.wall), job: job, mark: mark)
        if isTooLate(start) { return actions + [.skip(start, .late)] }
        guard running(job.slug) > 0 else { return actions + [begin(start)] }
        switch job.options.overlap {
        case .allow: return actions + [begin(start)]
        case .skip: return actions + [.skip(start, .overlap)]
        case .queue:
            guard !(waiting[job.slug] ?? []).contains(where: { $0.cause == .queue }) else {
                return actions + [.skip(start, .overlap)]
            }
            return actions + [wait(job.slug, WaitingStart(.queue, mark))]
        }
    }

    private func isTooLate(_ start: JobStart) -> Bool {
        guard start.mark.reason == .due, let deadline = start.job.options.startDeadline else { return false }
        let late = reading.wall.seconds(since: start.mark.due) - Double(spread(of: start.job)) / 1e9
        return late > deadline.seconds
    }

    mutating func begin(_ start: JobStart) -> Action {
        active[start.job.slug, default: []].insert(start.run)
        return .start(start)
    }

    mutating func wait(_ slug: Slug, _ start: WaitingStart) -> Action {
        waiting[slug, default: []].append(start)
        if let until = start.until, let entry = entries[slug] {
            timers.insert(Look(at: until, slug: slug, track: -1, generation: entry.generation))
        }
        return .keep(slug)
    }

    /// Forgets what waits for one cause; whether there was any.
    private mutating func drop(_ cause: WaitingStart.Cause, of slug: Slug) -> Bool {
        guard let all = waiting[slug], all.contains(where: { $0.cause == cause }) else { return false }
        let rest = all.filter { $0.cause != cause }
        waiting[slug] = rest.isEmpty ? nil : rest
        return true
    }
}
