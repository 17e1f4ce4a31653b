import CharonAPI
package import CharonCore
package import CharonRuns
package import Logging
import Synchronization

/// Follows one run from the moment it may run until Charon has acknowledged its end.
///
/// The thin runner around `DeliveryMachine`: looks at the record, performs what the machine says, and writes it down.
package final class Follower: Sendable {
    /// What all followers of a daemon share.
    package struct Context: Sendable {
        /// For what a run waits for.
        package let disk: Disk
        /// For much data at once, which must not keep the other waiting.
        package let bulk: Disk
        package let watch: RecordWatch
        package let intents: Intents
        package let requests = RequestCount()
        package let growth = DiskGrowth()
        package let rush = StartRush()
        package let log: Logger
        package let limits: DeliveryLimits

        package init(
            disk: Disk, bulk: Disk, watch: RecordWatch, intents: Intents, log: Logger, limits: DeliveryLimits
        ) {
            self.disk = disk
            self.bulk = bulk
            self.watch = watch
            self.intents = intents
            self.log = log
            self.limits = limits
        }
    }

    /// How a follower ended.
    package enum Result: Sendable {
        /// Charon has all of the run, or will never take it.
        case delivered
        /// The daemon is stopping; the record says how far it came.
        case interrupted
    }

    /// What one look at a run led to.
    private enum Step {
        /// A request was made; the next may follow.
        case again
        case wait(until: Instant?)
        case delivered
    }

    /// How far a follower has come.
    struct Progress {
        var machine: DeliveryMachine
        /// What `delivery.json` holds, and since when.
        var written: DeliveryRecord
        var lastWrite = SteadyClock.now()
        var lastLook = Instant(seconds: 0)
        var view = DeliveryMachine.View()
        /// Attempts in a row at reading the output.
        var failedReads = 0
        var lastSync = SteadyClock.now()
        /// The size of the output that is on disk; nil while nothing of the record is.
        var syncedBytes: Int64?
        /// The size of the output that the disk budget knows of.
        var countedBytes: Int64 = 0
    }

    package let directory: RunDirectory
    let record: FollowedRecord
    let context: Context
    let application: @Sendable () -> Application?
    private let isMachineStopping: @Sendable () async -> Bool
    private let onEnded: @Sendable (SupervisorRecord.Ended, _ isNew: Bool) async -> Void
    private let wakeup = Wakeup()
    /// What an operator has it do.
    let orders: Orders
    /// What the disk budget has it do.
    let cutOrder = CutOrder()
    /// Who has had it stopped; nil for nobody.
    let stopper = Mutex<String?>(nil)

    /// `application` may be nil until a caller has brought its key; `onEnded` is called when the command has ended, and
    /// told whether that is news.
    package init(
        _ directory: RunDirectory, _ request: RunRequest, _ context: Context,
        application: @escaping @Sendable () -> Application?,
        isMachineStopping: @escaping @Sendable () async -> Bool = { false },
        onEnded: @escaping @Sendable (SupervisorRecord.Ended, _ isNew: Bool) async -> Void
    ) {
        self.directory = directory
        self.context = context
        self.application = application
        self.isMachineStopping = isMachineStopping
        self.onEnded = onEnded
        record = FollowedRecord(directory: directory, request: request, context: context)
        orders = Orders(wakeup)
    }

    /// Gives back the output that Charon has, and the middle of the rest so that about `bytes` of it stay.
    package func cut(keeping bytes: Int64) {
        cutOrder.give(keeping: bytes)
        signal()
    }

    /// Has the follower look at its record again.
    package func signal() { wakeup.signal() }

    /// Works until everything is delivered.
    ///
    /// `takeoverDeadline` is when a run that no supervisor took counts as lost.
    package func run(_ delivery: DeliveryRecord, takeoverDeadline: Instant) async -> Result {
        defer { orders.close() }
        await context.rush.wait()
        let watches = [directory.supervisorPath, directory.outputPath].compactMap { context.watch.add($0, wakeup) }
        defer { for watch in watches { context.watch.remove(watch) } }
        let machine = DeliveryMachine(record.request, delivery, context.limits, at: SteadyClock.now())
        var progress = Progress(machine: machine, written: delivery)
        var looks = TokenBucket(Timing.looks, at: SteadyClock.now())
        // Without an event there is a look now and then: a supervisor may die on a file system without inotify.
        let rest = watches.count == 2 ? Timing.outputSync : Timing.secondLook
        var mostRest = rest
        while !Task.isCancelled {
            await obey(&progress)
            await look(&progress, takeoverDeadline: takeoverDeadline)
            await cut(&progress)
            switch await step(&progress) {
            case .again: continue
            case .delivered: return .delivered
            case .wait(var until):
                // Thousands of runs may rest, and each may be the daemon's last.
                progress.machine.putDown()
                await persist(&progress)
                let now = SteadyClock.now()
                if progress.view.ended == nil {
                    let look = now.advanced(bySeconds: mostRest.seconds)
                    until = until.map { min($0, look) } ?? look
                }
                let isSignalled = await wakeup.wait(until: until)
                mostRest = isSignalled ? min(Timing.secondLook, rest) : rest
                // A command that writes without a pause must not keep the daemon busy.
                if let later = looks.take(at: SteadyClock.now()) { await Wakeup.sleep(until: later) }
            }
        }
        await persist(&progress)
        return .interrupted
    }

    private func look(_ progress: inout Progress, takeoverDeadline: Instant) async {
        guard progress.view.ended == nil else { return }
        let now = SteadyClock.now()
        // While messages go out one behind the other, only as often as files that change are looked at.
        let pause = wakeup.isSignalled ? 1 / Timing.looks.perSecond : Timing.unchangedLook.seconds
        if progress.machine.isPrepared, now.seconds(since: progress.lastLook) < pause { return }
        progress.lastLook = now
        if let (ended, isNew) = await record.outcome(
            takeoverDeadline: takeoverDeadline, stopper: stopper.withLock { $0 }, isMachineStopping)
        {
            if isNew { report(ended, progress.machine.record.start) }
            progress.view.ended = ended
            progress.view.lastErrors = await record.lastErrors(ended)
            count(ended.outputBytes, &progress)
            await onEnded(ended, isNew)
        } else if now.seconds(since: progress.lastSync) >= Timing.outputSync.seconds {
            progress.syncedBytes = await record.sync(beyond: progress.syncedBytes)
            progress.lastSync = now
            count(progress.syncedBytes ?? 0, &progress)
        }
    }

    private func step(_ progress: inout Progress) async -> Step {
        if progress.machine.record.isDone {
            await persist(&progress)
            return progress.view.ended == nil ? .wait(until: nil) : .delivered
        }
        let now = SteadyClock.now()
        guard let application = application() else {
            // A later line brings the key, and nobody tells this run of it.
            return .wait(until: now.advanced(bySeconds: Timing.credentials.seconds))
        }
        // Before the output is read: thousands of runs may be waiting for the same server.
        if let until = application.opens(at: now) { return .wait(until: Self.jittered(until)) }
        let ended = progress.view.ended
        if let until = progress.machine.rests(ended, at: now) { return .wait(until: until) }
        guard await read(progress.machine.wants(ended), &progress) else {
            return .wait(until: now.advanced(bySeconds: Timing.outputSync.seconds))
        }
        let action = progress.machine.next(progress.view, at: now, wall: .now())
        (progress.view.entries, progress.view.before) = ([], [])
        switch action {
        case .wait(let until): return .wait(until: until)
        case .passed, .finished: return .again
        case .deliver(.message(_, _, _), _):
            let hasLittleLeft = progress.machine.hasLittleLeft(ended)
            if let until = application.takeMessage(at: now, hasLittleLeft: hasLittleLeft) {
                return .wait(until: Self.jittered(until))
            }
        case .deliver, .askCanStart, .start: break
        }
        guard context.requests.enter() else { return .wait(until: nil) }
        defer { context.requests.leave() }
        if case .refused(let until) = application.permit(at: now) { return .wait(until: Self.jittered(until)) }
        // Only the intent of a start must outlive a power cut: all else is sent again under the same key.
        let isIntent = if case .start = action { true } else { false }
        guard await persistIfNeeded(&progress) || !isIntent else {
            application.abandon(at: now)
            return .wait(until: now.advanced(bySeconds: Timing.outputSync.seconds))
        }
        await perform(action, application, &progress.machine)
        await persistIfNeeded(&progress)
        if isIntent { await record.settle() }
        return .again
    }

    /// Reads the output for the machine; false if it is to be tried again.
    private func read(_ wanted: DeliveryMachine.Wanted, _ progress: inout Progress) async -> Bool {
        if wanted == .nothing {
            progress.failedReads = 0
            progress.view.from = progress.machine.record.acknowledged
            return true
        }
        let machine = progress.machine
        if let output = await record.output(
            wanted, for: machine.record, until: progress.view.ended, withContext: machine.wantsContext)
        {
            progress.failedReads = 0
            (progress.view.from, progress.view.entries) = (output.from, output.entries)
            progress.view.before = Array(output.before)
            return true
        }
        // A lasting fault of the disk must not keep the end from Charon, which then says how much was not sent.
        progress.failedReads += 1
        (progress.view.from, progress.view.entries, progress.view.before) = (nil, [], [])
        return progress.failedReads >= Timing.readAttempts
    }

    /// Those who wait for the same moment must not all come at it.
    private static func jittered(_ until: Instant) -> Instant { until.advanced(bySeconds: .random(in: 0...0.5)) }

    private func perform(_ action: DeliveryMachine.Action, _ application: Application, _ machine: inout DeliveryMachine)
        async
    {
        let before = machine.record
        let slug = record.request.slug
        switch action {
        case .wait, .passed, .finished: break
        case .askCanStart:
            let answer = await application.canStart(slug)
            machine.handle(answer, at: SteadyClock.now(), random: .random(in: 0...1))
        case .start(let reference, let key):
            CrashPoint.afterIntent.reached()
            let answer = await application.start(reference, key: key)
            CrashPoint.afterStartAnswer.reached()
            machine.handle(answer, at: SteadyClock.now(), random: .random(in: 0...1))
        case .deliver(let call, let key):
            let answer = await application.deliver(call, key: key)
            CrashPoint.afterAcknowledgement.reached()
            machine.handle(answer, at: SteadyClock.now(), random: .random(in: 0...1))
        }
        report(before, machine.record)
    }

    /// Writes the machine's record unless what is written leads to the same, or is of a while ago (`Timing.progress`).
    @discardableResult
    private func persistIfNeeded(_ progress: inout Progress) async -> Bool {
        let age = SteadyClock.now().seconds(since: progress.lastWrite)
        let isNeeded = age >= Timing.progress.seconds || !progress.machine.record.isCovered(by: progress.written)
        return isNeeded ? await persist(&progress) : true
    }

    /// Writes the machine's record if it has changed; false if that failed.
    @discardableResult
    func persist(_ progress: inout Progress) async -> Bool {
        let current = progress.machine.record
        guard current != progress.written else { return true }
        guard await record.write(current) else { return false }
        progress.written = current
        progress.lastWrite = SteadyClock.now()
        return true
    }
}
