import CharonControl
import CharonCore
import CharonRuns
import Logging

extension Daemon {
    /// Takes a run through its gate; its record is there before anything is started.
    func passGate(_ request: RunRequest, _ application: Application, isGone: @Sendable () -> Bool) async -> Beginning {
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        let memories = [memory(configuration.state, request), memory(configuration.published, request)]
        let last = await disk.perform { memories[0].answer(for: request.slug, at: .now()) }
        var machine = GateMachine(request, lastAnswer: last)
        var action = machine.resume(isReachable: mayAsk(application))
        let isAsking = action == .askCanStart
        // To ask changes nothing at Charon, so the record is made meanwhile.
        async let early = isAsking ? application.canStart(request.slug) : nil
        let handles: RunDirectory.Handles
        do {
            handles = try await disk.perform { () throws(SystemError) in try directory.create(request) }
        } catch {
            // A job runs all the same.
            if request.job == nil { forget(request.run) }
            log.report(.recordFailed, "record not made", .error, metadata(request, ["reason": "\(error)"]))
            return request.job == nil ? .error(.recordFailed("\(error)")) : .unrecorded
        }
        CrashPoint.afterRunRecord.reached()
        var delivery = DeliveryRecord()
        if let answer = await early { action = machine.handle(answer, isReachable: application.isReachable) }
        while true {
            if isGone(), case .unsent = delivery.start {
                application.abandon(at: SteadyClock.now())
                await drop(directory)
                return .withdrawn
            }
            switch action {
            case .askCanStart:
                let answer = await application.canStart(request.slug)
                action = machine.handle(answer, isReachable: application.isReachable)
            case .start(let reference):
                delivery.gate = .yes
                delivery.start = .sent(at: .now())
                do {
                    try await write(delivery, of: request, to: directory)
                } catch {
                    await drop(directory)
                    log.report(.recordFailed, "record not written", .error, metadata(request, ["reason": "\(error)"]))
                    return .error(.recordFailed("\(error)"))
                }
                CrashPoint.afterIntent.reached()
                let answer = await application.start(reference, key: "\(request.run)/start")
                CrashPoint.afterStartAnswer.reached()
                action = machine.handle(answer, at: .now(), isReachable: application.isReachable)
            case .pause(let time):
                await Wakeup.sleep(for: time)
                action = machine.resume(isReachable: mayAsk(application))
            case .decide(let decision):
                await remember(decision, request, memories)
                return await conclude(decision, request, directory, handles, delivery)
            }
        }
    }

    /// Whether a request may go out now; an open breaker whose time has come takes this one as its probe.
    func mayAsk(_ application: Application) -> Bool { application.permit(at: SteadyClock.now()) == .allowed }

    func memory(_ base: String, _ request: RunRequest) -> GateMemory {
        // No name of an application begins with an underscore.
        GateMemory(directory: "\(base)/gate/\(applications.memoryName(of: request.application, for: request.uid))")
    }

    private func remember(_ decision: GateDecision, _ request: RunRequest, _ memories: [GateMemory]) async {
        guard let answer = decision.remember else { return }
        do {
            try await disk.perform { () throws(SystemError) in
                for memory in memories { try memory.remember(answer, for: request.slug, at: .now()) }
            }
        } catch {
            log.warning("last answer not kept", metadata: metadata(request, ["reason": "\(error)"]))
        }
    }

    func conclude(
        _ decision: GateDecision, _ request: RunRequest, _ directory: RunDirectory, _ handles: RunDirectory.Handles,
        _ delivery: DeliveryRecord
    ) async -> Beginning {
        switch decision {
        case .skip(let reason, _, let note):
            await writeHistory(request, reason, note: note)
            await drop(directory)
            report(skipped: request, reason, note: note)
            return .skip(reason)
        case .run(let start, let gate, let cronID, _, let note):
            var delivery = delivery
            delivery.gate = gate
            delivery.start = start
            delivery.cronID = cronID
            delivery.note = note
            if case .answered = start {} else { delivery.isLate = true }
            do {
                try await write(delivery, of: request, to: directory)
            } catch {
                // Charon has answered: from here on the run is followed even if nothing more can be written.
                log.report(.recordFailed, "record not written", .error, metadata(request, ["reason": "\(error)"]))
            }
            if let note {
                let isUnknown = gate == .unregistered
                log.report(
                    isUnknown ? .notRegistered : .ungated, "running without an execution",
                    isUnknown ? .error : .warning, metadata(request, ["reason": "\(note)"]))
            } else {
                log.report(.started, "run started", .info, metadata(request, start.metadata))
            }
            entries[request.run]?.delivery = delivery
            return .run(handles)
        }
    }

    private func write(_ delivery: DeliveryRecord, of request: RunRequest, to directory: RunDirectory)
        async throws(SystemError)
    {
        let intents = context.intents
        let mustWait = try await disk.perform { () throws(SystemError) in
            try intents.place(delivery, of: request, to: directory)
        }
        guard mustWait else { return }
        do {
            try await flush.wait()
        } catch {
            log.warning("intent not kept", metadata: metadata(request, ["reason": "\(error)"]))
            try await disk.perform { () throws(SystemError) in try intents.writeThrough(delivery, to: directory) }
        }
    }

    /// Forgets a run that will not be, with its record.
    func drop(_ directory: RunDirectory) async {
        let intents = context.intents
        await disk.perform {
            intents.release(directory.run)
            directory.remove()
        }
        forget(directory.run)
    }
}
