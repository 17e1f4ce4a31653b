package import CharonCore
import CharonJobs
import CharonRuns
package import Logging

/// The daemon: all runs of one state directory, from the gate to the last acknowledgement.
package actor Daemon {
    /// What a daemon is made of.
    package struct Configuration: Sendable {
        /// The state directory.
        package var state: String
        /// Where wrappers read Charon's last answers while the daemon is silent.
        package var published: String
        package var isPrivate = false
        package var policies = Policies()
        /// What a line exits with whose cron is switched off.
        package var offExitCode: UInt8 = 0
        package var limits = DeliveryLimits()
        package var retention = Retention()
        package var budget = DiskBudget()
        package var host = ""
        package var version = ""

        package init(state: String, published: String) {
            self.state = state
            self.published = published
        }
    }

    /// The disk's thread: what a run waits for is done without a way through other threads.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { disk.unownedExecutor }

    let configuration: Configuration
    let applications: ApplicationBook
    let rights: Rights
    /// For what a run waits for.
    let disk: Disk
    /// For much data at once, which must not keep the other waiting.
    let bulk: Disk
    /// For files that come from users, who may serve them by file systems that never answer (FUSE).
    let handIns: Disk
    let flush: IntentFlush
    let history: History
    let context: Follower.Context
    let log: Logger
    /// For look-ups of users, which may wait for a directory's server.
    let names: Disk
    /// For the starts of supervisors.
    let launching: Disk
    let accounts = Accounts()
    nonisolated var owners: JobOwners { rights.owners }
    let supervisor: Supervisor
    /// The service manager's scopes; nil where there are none.
    let scopes: (any Scopes)?
    /// Told of runs: the scheduler.
    var observer: (any RunObserver)?
    /// How long the delivered runs of jobs stay that say so themselves (`keep`).
    var retentions: [Slug: Retention] = [:]
    /// The times of schedules that runs of the last hour stand for, as an earlier daemon has left them.
    private(set) var recentTimes: [Slug: Set<String>] = [:]
    /// Runs of jobs whose start an earlier daemon asked for without coming to start their supervisors.
    var untaken: [RunRequest] = []

    /// A run that is followed, from its record's making on.
    struct Entry {
        let request: RunRequest
        var application: Application?
        var delivery: DeliveryRecord
        /// The command may be running: no outcome is known.
        var isActive = true
        var follower: Follower?
        var task: Task<Follower.Result, Never>?
    }

    var entries: [RunID: Entry] = [:]
    /// Delivered runs whose records an operator's order is at work on.
    var operated: Set<RunID> = []
    var budget = BudgetState()
    private(set) var lastActivity = Instant.now()
    private(set) var isStopping = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    package init(
        _ configuration: Configuration, applications: ApplicationBook, rights: Rights, log: Logger,
        supervisor: Supervisor = Supervisor(), scopes: (any Scopes)? = nil
    ) throws(SystemError) {
        self.supervisor = supervisor
        self.scopes = scopes
        self.configuration = configuration
        self.applications = applications
        self.rights = rights
        self.log = log
        disk = try Disk("disk")
        bulk = try Disk("bulk")
        handIns = try Disk("hand-ins")
        names = try Disk("names")
        launching = try Disk("launch")
        history = History(state: configuration.state, budget: configuration.budget)
        context = Follower.Context(
            disk: disk, bulk: bulk, watch: try RecordWatch(), intents: Intents(log), log: log,
            limits: configuration.limits)
        flush = IntentFlush(context.intents, disk)
    }

    /// Takes up every run that an earlier daemon left behind.
    ///
    /// Call it before the first control call.
    package func recover() async {
        let state = configuration.state
        keepBreakers()
        let (log, intents) = (log, context.intents)
        let found: [(RunDirectory, RunRequest?, DeliveryRecord?, isTaken: Bool, hasEnded: Bool)]
        do {
            found = try await disk.perform { () throws(SystemError) in
                intents.recover(state: state)
                var runs: [(RunDirectory, RunRequest?, DeliveryRecord?, isTaken: Bool, hasEnded: Bool)] = []
                for directory in try RunDirectory.all(state: state) {
                    // What cannot be read may be a later release's: it is nobody's to remove or to start again.
                    guard directory.isReadable else {
                        log.error("record unreadable, left as it is", metadata: ["path": "\(directory.path)"])
                        continue
                    }
                    // One unreadable run must not keep the others from being delivered.
                    let isTaken =
                        ((try? directory.isSupervised()) ?? true)
                        || !((try? directory.supervisorRecords()) ?? []).isEmpty
                    let request = (try? directory.request()) ?? nil
                    let delivery = (try? directory.delivery()) ?? nil
                    runs.append((directory, request, delivery, isTaken, ((try? directory.exit()) ?? nil) != nil))
                }
                return runs
            }
        } catch {
            log.error("records unreadable", metadata: ["reason": "\(error)"])
            return
        }
        for (directory, request, delivery, isTaken, hasEnded) in found {
            guard let request, request.run == directory.run else {
                if !isTaken { await disk.perform { directory.remove() } }
                continue
            }
            let delivery = delivery ?? DeliveryRecord()
            // Never taken by a supervisor and nothing written to Charon: its caller goes on without this record.
            if !isTaken, delivery.start == .unsent {
                await disk.perform { directory.remove() }
                continue
            }
            if let mark = request.job, Instant.now().seconds(since: request.askedAt) < 3600 {
                recentTimes[request.slug, default: []].formUnion(mark.times)
            }
            if !isTaken, request.job != nil { untaken.append(request) }
            // Charon may have all of a run, or want nothing of it, whose command still runs.
            guard !delivery.isDone || !hasEnded else { continue }
            entries[request.run] = Entry(request: request, delivery: delivery)
            observer?.began(request.run, of: request.slug)
            follow(directory, request, delivery)
        }
        await retire(Set(found.map(\.0.slug)))
    }

    /// Starts the follower of a run whose record exists.
    func follow(_ directory: RunDirectory, _ request: RunRequest, _ delivery: DeliveryRecord) {
        let application = entries[request.run]?.application
        let book = applications
        let follower = Follower(
            directory, request, context,
            application: { application ?? book.named(request.application) },
            isMachineStopping: { [scopes] in await scopes?.isMachineStopping() ?? false },
            onEnded: { [weak self] ended, isNew in await self?.ended(request, ended, isNew: isNew) })
        let patience = Timing.takeoverPatience
        entries[request.run]?.follower = follower
        if entries.count == 1 { context.growth.look() }
        context.growth.add(bytes: DiskUse.ofRun.bytes, files: DiskUse.ofRun.files)
        // Not on this actor, whose thread reads and writes: messages that follow each other need neither.
        let executor = (application ?? book.named(request.application))?.executor
        entries[request.run]?.task = Task(executorPreference: executor) {
            let result = await follower.run(
                delivery, takeoverDeadline: SteadyClock.now().advanced(bySeconds: patience.seconds))
            if result == .delivered { await self.delivered(directory) }
            return result
        }
        runsChanged()
    }

    private func ended(_ request: RunRequest, _ ended: SupervisorRecord.Ended, isNew: Bool) async {
        entries[request.run]?.isActive = false
        observer?.ended(request, ended.outcome, isNew: isNew)
        runsChanged()
        guard isNew, request.job != nil, let scopes else { return }
        switch ended.outcome {
        // What a command leaves behind by itself may go on; what escaped its end may not.
        case .stopped, .timedOut, .lost: await scopes.end(request.slug, request.run)
        case .skipped, .couldNotStart, .exited, .killed, .outOfMemory: break
        }
    }

    private func delivered(_ directory: RunDirectory) {
        entries[directory.run] = nil
        touch()
        runsChanged()
        Task {
            await settle(directory)
            await retire([directory.slug])
        }
    }

    func forget(_ run: RunID) {
        if let entry = entries.removeValue(forKey: run) { observer?.ended(entry.request, nil, isNew: true) }
        touch()
        runsChanged()
    }

    func touch() { lastActivity = .now() }

    /// Returns when the threads of gate and delivery have been at work once more.
    package func beat() async {
        for executor in applications.all.compactMap(\.executor) {
            await Task(executorPreference: executor) {}.value
        }
    }

    /// Has the scheduler told of every run from now on.
    package func observe(_ observer: any RunObserver) { self.observer = observer }

    /// Returns when a run is handed over or has ended, or the daemon stops, for callers who look again then.
    func untilRunsChange() async { await withCheckedContinuation { waiters.append($0) } }

    func runsChanged() {
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume() }
    }

    /// Turns delivered runs beyond the retention into lines of the history.
    private func retire(_ slugs: Set<Slug>) async {
        let (state, usual, history, retentions) = (configuration.state, configuration.retention, history, retentions)
        let live = operated.union(entries.keys)
        do {
            budget.settled -= try await bulk.perform { () throws(SystemError) in
                var freed = DiskUse()
                for slug in slugs {
                    let runs = try RecordFile.names(in: "\(state)/runs/\(slug)").compactMap(RunID.init)
                    let done = runs.filter { !live.contains($0) }
                    let retention = retentions[slug] ?? usual
                    for run in retention.expired(done, at: .now()).sorted() {
                        freed += try history.retire(RunDirectory(state: state, slug: slug, run: run))
                    }
                }
                return freed
            }
        } catch {
            log.error("old runs not removed", metadata: ["reason": "\(error)"])
        }
    }

    /// Whether nothing has happened for a while and nothing is left to do.
    package func isIdle(at now: Instant, for time: TimeSpan) -> Bool {
        // A clock that was stepped back is no activity.
        entries.isEmpty && abs(now.seconds(since: lastActivity)) >= time.seconds
    }

    /// Stops following; the records say how far each run has come.
    ///
    /// Runs at their gate and requests under way get their answers first, if these come soon: a start that is broken
    /// off would be made again.
    package func stop(patience: TimeSpan = Timing.stopPatience) async {
        isStopping = true
        context.rush.release()
        runsChanged()
        budget.task?.cancel()
        context.requests.close()
        let deadline = SteadyClock.now().advanced(bySeconds: patience.seconds)
        while SteadyClock.now() < deadline,
            !context.requests.isEmpty || entries.values.contains(where: { $0.follower == nil })
        {
            await Wakeup.sleep(for: TimeSpan(milliseconds: 10))
        }
        let tasks = entries.values.compactMap(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.value }
    }
}
