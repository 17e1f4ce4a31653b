import CLinux
package import CharonCore
package import CharonJobs
package import CharonRuns
import CharonSchedule
import Glibc
package import Logging
import Synchronization

/// The jobs of a host at work: reads their files, follows the clocks, and has what is due started.
///
/// A thin runner of `Scheduler`, on a thread of its own: everything that happens comes to it in one order.
package actor JobScheduler {
    /// What the files say, and what their reading has brought besides.
    package struct Source: Sendable {
        /// Where job files are; changes there are looked at.
        package var directories: [String]
        /// Reads them; it may take a second.
        package var read: @Sendable () -> LoadedJobs

        package init(directories: [String], read: @escaping @Sendable () -> LoadedJobs) {
            self.directories = directories
            self.read = read
        }
    }

    /// What has happened.
    enum Event: Sendable {
        case alarm(Alarm.News)
        case began(RunID, Slug)
        case ended(RunID, Slug, JobMark?, JobResult)
        case launched(JobStart, Daemon.Launch)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// As long as files have to rest before they are read.
    static let settleTime = TimeSpan.seconds(1)

    nonisolated let daemon: Daemon
    let source: Source
    let store: ScheduleStore
    let log: Logger
    let boot = Orphan.bootID()
    private let runtime: String
    var scheduler: Scheduler
    var loaded = LoadedJobs()
    /// Definitions that are gone while a run of theirs goes on.
    var leaving: [Slug: Job] = [:]
    /// Starts on their way through the gate.
    var launching: Set<RunID> = []
    var settling: Task<Void, Never>?
    private var isStopped = false
    private let executor: ThreadExecutor
    private let events: AsyncStream<Event>
    private nonisolated let inbox: AsyncStream<Event>.Continuation
    private let alarm: Alarm
    private var lastKept = Instant(seconds: 0)

    /// `host` is what tells this host from others; `runtime` a directory that does not outlive a boot.
    package init(
        _ daemon: Daemon, _ source: Source, state: String, runtime: String, host: String, log: Logger
    ) throws(SystemError) {
        self.runtime = runtime
        self.daemon = daemon
        self.source = source
        self.log = log
        store = ScheduleStore(state: state, log: log)
        executor = ThreadExecutor()
        try executor.start("scheduler")
        let (events, inbox) = AsyncStream.makeStream(of: Event.self)
        (self.events, self.inbox) = (events, inbox)
        alarm = try Alarm { inbox.yield(.alarm($0)) }
        scheduler = Scheduler(from: .now(), host: host)
    }

    /// Reads the files and starts what is due by now; returns when the jobs are in force.
    ///
    /// Call it when the daemon has recovered its runs.
    package func start() async {
        let now = ClockReading.now()
        let position = store.position(now: now, boot: boot)
        let kept = store.jobs(now: now)
        scheduler = Scheduler(from: position ?? now, host: scheduler.host)
        scheduler.pauses = store.pauses()
        scheduler.started = await daemon.recentTimes
        await daemon.observe(self)
        for (run, slug) in await daemon.activeRuns { scheduler.began(run, of: slug) }
        for (slug, kept) in kept { scheduler.restore(slug, waiting: kept.waiting, anchor: kept.anchor) }
        alarm.watch(source.directories)
        loaded = await read()
        // What was due while no daemon was there: of the jobs that it would have started.
        let known = store.known()
        var actions = scheduler.replace(loaded.jobs.filter { known[$0.slug] == $0.identity })
        actions += scheduler.wake(at: .now())
        actions += scheduler.replace(loaded.jobs)
        scheduler.started = [:]
        if isFirstOfBoot(), position != nil || Self.uptime(now) < Self.freshBoot { actions += scheduler.afterBoot() }
        for slug in kept.keys.sorted() {
            // What it waited for may have ended while no daemon was there.
            actions += scheduler.job(slug) == nil ? [.keep(slug)] : scheduler.startNext(slug)
        }
        writeKnown()
        tell(loaded)
        await daemon.own(loaded.jobs)
        await daemon.takeUp(loaded.jobs)
        perform(actions)
        Task { await run() }
    }

    /// Whether no daemon has been here since the machine was started, as far as its runtime directory remembers.
    ///
    /// That goes with a boot, also of a container, whose kernel goes on.
    private func isFirstOfBoot() -> Bool {
        let path = "\(runtime)/booted"
        let known = ((try? RecordFile.read(path)) ?? nil) == Array(boot.utf8)
        if !known { try? RecordFile.replace(path, with: Array(boot.utf8), durability: .process) }
        return !known
    }

    /// How long process 1 is there, in nanoseconds: what counts as the boot of a container.
    private static func uptime(_ now: ClockReading) -> Int64 {
        let ticks = Int64(clamping: clinux_start_time(1))
        return now.boot - ticks * (1_000_000_000 / max(1, Int64(sysconf(Int32(_SC_CLK_TCK)))))
    }

    /// A first start ever is one after a boot if that was less than this ago, in nanoseconds.
    private static let freshBoot: Int64 = 600_000_000_000

    func read() async -> LoadedJobs {
        let read = source.read
        return await daemon.bulk.perform { read() }
    }

    private func run() async {
        for await event in events {
            switch event {
            case .alarm(.time): wake()
            case .alarm(.files): settle()
            case .began(let run, let slug): scheduler.began(run, of: slug)
            case .ended(let run, let slug, let mark, let result): ended(run, slug, mark, result)
            case .launched(let start, let launch): launched(start, launch)
            }
        }
    }

    func wake() {
        guard !isStopped else { return }
        perform(scheduler.wake(at: .now()))
    }

    /// Starts nothing any more: what is due from now on is the next daemon's.
    package func stop() {
        isStopped = true
        settling?.cancel()
    }

    /// Looks at the clocks; what answers it is that the scheduler lives.
    package func beat() { wake() }

    private func ended(_ run: RunID, _ slug: Slug, _ mark: JobMark?, _ result: JobResult) {
        guard !isStopped else { return }
        perform(scheduler.ended(run, of: slug, mark, result, at: .now()))
        if scheduler.running(slug) == 0 { leaving[slug] = nil }
    }

    func launched(_ start: JobStart, _ launch: Daemon.Launch) {
        launching.remove(start.run)
        // Of a start that the end of the daemon has cut off the next one finds its time not dealt with.
        guard !isStopped else { return }
        switch launch {
        case .begun: keepPosition()
        case .skipped: ended(start.run, start.job.slug, start.mark, .dropped)
        case .failed: ended(start.run, start.job.slug, start.mark, .failure)
        }
    }

    /// Does what was decided, and rings again when something is due.
    func perform(_ actions: [Scheduler.Action]) {
        for action in actions {
            switch action {
            case .start(let start): launch(start)
            case .skip(let start, let reason): Task { await daemon.skip(start, reason) }
            case .missed(let slug, let first):
                log.notice(
                    "due times missed, catch_up does not make up for them",
                    metadata: ["slug": "\(slug)", "first": "\(first.rfc3339)"])
            case .clock(let kind): log.notice("\(Self.text(of: kind))")
            case .keep(let slug): keep(slug)
            }
        }
        keepPosition()
        alarm.set(scheduler.nextWake)
    }

    private func launch(_ start: JobStart) {
        launching.insert(start.run)
        Task { [daemon, inbox] in inbox.yield(.launched(start, await daemon.launch(start))) }
    }

    private func keep(_ slug: Slug) {
        var kept = ScheduleStore.Kept()
        kept.waiting = scheduler.waiting[slug] ?? []
        kept.anchor = scheduler.anchors[slug]
        store.write(kept, of: slug, now: scheduler.reading)
    }

    /// What is on its way has no record yet: if the daemon died now, a later one would start it.
    private func keepPosition() {
        guard launching.isEmpty, !isStopped else { return }
        store.write(position: scheduler.reading, boot: boot)
    }

    func writeKnown() {
        store.write(known: Dictionary(scheduler.jobs.map { ($0.slug, $0.identity) }) { first, _ in first })
    }

    func watchAgain() { alarm.watch(source.directories) }

    private static func text(of kind: CharonSchedule.Wakeup.Kind) -> String {
        switch kind {
        case .onTime: "woke on time"
        case .late(let seconds): "woke \(seconds) s late: the machine slept or was busy"
        case .stepped(let jump, let seconds): "the clock was stepped by \(seconds) s (\(jump))"
        }
    }
}

extension JobScheduler: RunObserver {
    package nonisolated func began(_ run: RunID, of slug: Slug) { inbox.yield(.began(run, slug)) }

    package nonisolated func ended(_ request: RunRequest, _ outcome: RunOutcome?, isNew: Bool) {
        let result = isNew ? outcome.map { JobResult($0, request.policies.successCodes) } ?? .dropped : .dropped
        inbox.yield(.ended(request.run, request.slug, request.job, result))
    }
}
