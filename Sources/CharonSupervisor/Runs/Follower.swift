package import CharonCore
import CharonLevels
package import CharonRuns
package import Logging

/// Follows one run from the moment it may run until Charon has acknowledged its end.
///
/// The thin runner around `DeliveryMachine`: reads the record, performs what the machine says, and writes it down.
package final class Follower: Sendable {
    /// What all followers of a daemon share.
    package struct Context: Sendable {
        package let disk: Disk
        package let watch: RecordWatch
        package let history: History
        package let log: Logger
        package let messageBytes: Int

        package init(disk: Disk, watch: RecordWatch, history: History, log: Logger, messageBytes: Int) {
            self.disk = disk
            self.watch = watch
            self.history = history
            self.log = log
            self.messageBytes = messageBytes
        }
    }

    /// How a follower ended.
    package enum Result: Sendable {
        /// Charon has all of the run, or will never take it.
        case delivered
        /// The daemon is stopping; the record says how far it came.
        case interrupted
    }

    package let directory: RunDirectory
    package let request: RunRequest
    private let context: Context
    private let application: @Sendable () -> Application?
    private let onEnded: @Sendable () async -> Void
    private let wakeup = Wakeup()

    /// `application` may be nil until a caller has brought its key; `onEnded` is called when the command has ended.
    package init(
        _ directory: RunDirectory, _ request: RunRequest, _ context: Context,
        application: @escaping @Sendable () -> Application?, onEnded: @escaping @Sendable () async -> Void
    ) {
        self.directory = directory
        self.request = request
        self.context = context
        self.application = application
        self.onEnded = onEnded
    }

    /// Has the follower look at its record again.
    package func signal() { wakeup.signal() }

    /// Works until everything is delivered.
    ///
    /// `takeoverDeadline` is when a run that no supervisor took counts as lost.
    package func run(_ record: DeliveryRecord, takeoverDeadline: Instant) async -> Result {
        let watches = [directory.supervisorPath, directory.outputPath].compactMap { context.watch.add($0, wakeup) }
        defer { for watch in watches { context.watch.remove(watch) } }
        var machine = DeliveryMachine(request, record, messageBytes: context.messageBytes, at: .now())
        var written = record
        var view = DeliveryMachine.View()
        var lastSync = Instant.now()
        while !Task.isCancelled {
            if view.ended == nil, let ended = await outcome(takeoverDeadline: takeoverDeadline) {
                view.ended = ended
                await onEnded()
            }
            if view.ended == nil, Instant.now().seconds(since: lastSync) > Timing.outputSync.seconds {
                lastSync = .now()
                let directory = directory
                await attempt("output.log") { () throws(SystemError) in try directory.syncOutput() }
            }
            await readOutput(machine, &view)
            let action = machine.next(view, at: .now())
            if case .wait(let until) = action {
                await wakeup.wait(until: nextLook(until, view.ended != nil, watched: watches.count == 2))
                continue
            }
            if action == .finished {
                if machine.record != written { written = await persist(machine.record) ?? written }
                guard view.ended == nil else { return .delivered }
                await wakeup.wait(until: nextLook(nil, false, watched: watches.count == 2))
                continue
            }
            guard let application = application() else {
                await wakeup.wait(until: Instant.now().advanced(bySeconds: Timing.backoff.most.seconds))
                continue
            }
            if case .refused(let until) = application.permit(at: .now()) {
                await wakeup.wait(until: nextLook(until, view.ended != nil, watched: watches.count == 2))
                continue
            }
            if machine.record != written {
                // Only the intent of a start must outlive a power cut: all else is sent again under the same key.
                let isIntent = if case .start = action { true } else { false }
                let persisted = await persist(machine.record, durability: isIntent ? .disk : .process)
                guard persisted != nil || !isIntent else {
                    application.abandon(at: .now())
                    await wakeup.wait(until: Instant.now().advanced(bySeconds: Timing.outputSync.seconds))
                    continue
                }
                written = persisted ?? written
            }
            await perform(action, application, &machine)
            if machine.record != written { written = await persist(machine.record) ?? written }
        }
        return .interrupted
    }

    private func perform(_ action: DeliveryMachine.Action, _ application: Application, _ machine: inout DeliveryMachine)
        async
    {
        let before = machine.record.note
        switch action {
        case .wait, .finished: break
        case .askCanStart:
            machine.handle(await application.canStart(request.slug), at: .now(), random: .random(in: 0...1))
        case .start(let reference, let key):
            CrashPoint.afterIntent.reached()
            let answer = await application.start(reference, key: key)
            CrashPoint.afterStartAnswer.reached()
            machine.handle(answer, at: .now(), random: .random(in: 0...1))
        case .deliver(let call, let key):
            let answer = await application.deliver(call, key: key)
            CrashPoint.afterAcknowledgement.reached()
            machine.handle(answer, to: call, at: .now(), random: .random(in: 0...1))
        }
        if let note = machine.record.note, note != before {
            context.log.warning("delivery delayed", metadata: metadata(["reason": "\(note)"]))
        }
    }

    /// A look now and then even without an event: a supervisor may die on a file system without inotify.
    private func nextLook(_ until: Instant?, _ hasEnded: Bool, watched: Bool) -> Instant? {
        guard !hasEnded else { return until }
        let look = Instant.now().advanced(bySeconds: watched ? Timing.outputSync.seconds : 0.25)
        return until.map { min($0, look) } ?? look
    }

    private func persist(
        _ record: DeliveryRecord, durability: RecordFile.Durability = .process
    ) async -> DeliveryRecord? {
        let directory = directory
        let wrote = await attempt("delivery.json") { () throws(SystemError) in
            try directory.write(record, durability: durability)
        }
        return wrote ? record : nil
    }

    private func readOutput(_ machine: DeliveryMachine, _ view: inout DeliveryMachine.View) async {
        view.entries = []
        let record = machine.record
        guard machine.wantsOutput else { return }
        let directory = directory
        let end = view.ended?.outputBytes
        let needsErrors = view.ended.map { !request.policies.successCodes.isSuccess($0.outcome) } ?? false
        let messageBytes = context.messageBytes
        do {
            (view.entries, view.lastErrors) = try await context.disk.perform {
                () throws(SystemError) -> ([OutputReader.Entry], [String]) in
                let reader = try OutputReader(directory)
                let entries = try reader.entries(from: record.acknowledged, to: end ?? .max)
                guard needsErrors, entries.isEmpty, let end else { return (entries, []) }
                let tail = try reader.tail(.stderr, before: end, count: 5)
                return (entries, tail.map(TextHygiene(messageBytes: min(messageBytes, 512)).text(of:)))
            }
        } catch {
            context.log.error("output unreadable", metadata: metadata(["reason": "\(error)"]))
        }
    }

    /// The outcome once there is one, validated and written to `exit.json`.
    private func outcome(takeoverDeadline: Instant) async -> SupervisorRecord.Ended? {
        let directory = directory
        let failed: @Sendable (SystemError) -> Void = { [context, request] error in
            context.log.error(
                "record not written",
                metadata: ["step": "exit.json", "reason": "\(error)", "run": "\(request.run)"])
        }
        do {
            return try await context.disk.perform { () throws(SystemError) -> SupervisorRecord.Ended? in
                if let ended = try directory.exit() { return ended }
                // The lock first: a supervisor that dies between the two looks has written all it will write.
                let isSupervised = try directory.isSupervised()
                let records = try directory.supervisorRecords()
                for case .ended(let ended) in records {
                    // A full disk must not keep an outcome from Charon: the supervisor's own line holds it too.
                    do throws(SystemError) { try directory.write(ended) } catch { failed(error) }
                    CrashPoint.afterExitRecord.reached()
                    return ended
                }
                guard !isSupervised, !records.isEmpty || Instant.now() > takeoverDeadline else { return nil }
                let reader = try? OutputReader(directory)
                var lost = SupervisorRecord.Ended(at: .now(), outcome: .lost, exitCode: ExitCode.ownFailure)
                lost.outputBytes = (try? reader?.size) ?? 0
                if case .started(let started) = records.first {
                    Orphan.end(started)
                    lost.duration = TimeSpan(milliseconds: Int64(max(lost.at.seconds(since: started.at), 0) * 1000))
                }
                do throws(SystemError) { try directory.write(lost) } catch { failed(error) }
                return lost
            }
        } catch {
            context.log.error("record unreadable", metadata: metadata(["reason": "\(error)"]))
            return nil
        }
    }

    @discardableResult
    private func attempt(_ what: String, _ work: @escaping @Sendable () throws(SystemError) -> Void) async -> Bool {
        do {
            try await context.disk.perform(work)
            return true
        } catch {
            context.log.error("record not written", metadata: metadata(["step": "\(what)", "reason": "\(error)"]))
            return false
        }
    }

    private func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(["slug": "\(request.slug)", "run": "\(request.run)"]) { mine, _ in mine }
    }
}
