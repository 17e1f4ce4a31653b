package import CharonControl
package import CharonCore
package import CharonRuns
import Glibc
import Logging

extension Daemon {
    /// What a caller of `Begin` is told.
    package enum Beginning: Sendable {
        case run(RunDirectory.Handles)
        case skip(SkipReason)
        case error(VarlinkReply)
        /// The caller has gone; nothing was done that matters.
        case withdrawn
    }

    /// Makes the record of a run, asks the gate, and says whether the command may start.
    ///
    /// `isGone` tells whether the caller still waits: for one who has gone nothing is started.
    package func begin(_ parameters: BeginParameters, peer: Peer, isGone: @Sendable () -> Bool) async -> Beginning {
        touch()
        var request = parameters.request
        request.host = configuration.host
        let application: Application
        do {
            let (rights, slug) = (rights, request.slug)
            let refusal = try await disk.perform { () throws(SystemError) in try rights.refusal(of: peer, slug) }
            if let refusal { return .error(.permissionDenied(refusal)) }
            application = try applications.resolve(request.application, parameters.credentials)
        } catch let error as CharonError {
            return .error(.invalidParameter("application: \(error.message)"))
        } catch {
            return .error(.recordFailed("\(error)"))
        }
        if let skip = await overlap(request, isGone: isGone) { return skip }
        if isGone() { return .withdrawn }
        entries[request.run] = Entry(request: request, application: application, delivery: DeliveryRecord())
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        let handles: RunDirectory.Handles
        var delivery: DeliveryRecord
        do {
            (handles, delivery) = try await disk.perform { [request] () throws(SystemError) in
                try Self.record(request, in: directory)
            }
        } catch {
            forget(request.run)
            log.error("record not made", metadata: ["slug": "\(request.slug)", "reason": "\(error)"])
            return .error(.recordFailed("\(error)"))
        }
        CrashPoint.afterRunRecord.reached()
        return await pass(request, directory, handles, application, &delivery, isGone: isGone)
    }

    /// A new record, or that of a run which an earlier daemon began and no supervisor took.
    private static func record(_ request: RunRequest, in directory: RunDirectory) throws(SystemError)
        -> (RunDirectory.Handles, DeliveryRecord)
    {
        do throws(SystemError) {
            return (try directory.create(request), DeliveryRecord())
        } catch {
            guard error.errno == EEXIST, let known = try directory.request(), known.uid == request.uid,
                try directory.supervisorRecords().isEmpty
            else { throw error }
            return (try directory.reopen(), try directory.delivery() ?? DeliveryRecord())
        }
    }

    private func overlap(_ request: RunRequest, isGone: @Sendable () -> Bool) async -> Beginning? {
        func isBusy() -> Bool {
            entries.values.contains { $0.isActive && $0.request.slug == request.slug && $0.request.run != request.run }
        }
        switch request.policies.overlap {
        case .allow: return nil
        case .skip:
            guard isBusy() else { return nil }
            await writeHistory(request, .overlap, nil)
            return .skip(.overlap)
        case .wait:
            while isBusy() {
                if isGone() { return .withdrawn }
                await untilSomethingEnds()
            }
            return nil
        }
    }

    private func pass(
        _ request: RunRequest, _ directory: RunDirectory, _ handles: RunDirectory.Handles, _ application: Application,
        _ delivery: inout DeliveryRecord, isGone: @Sendable () -> Bool
    ) async -> Beginning {
        let memory = (own: memory(configuration.state, request), published: memory(configuration.published, request))
        let last = await disk.perform { memory.own.answer(for: request.slug, at: .now()) }
        var machine = GateMachine(request, lastAnswer: last)
        var action = machine.resume(isReachable: mayAsk(application))
        // The intent of an earlier daemon: its start may have reached Charon, so this one must not be the first to run.
        if case .sent(let at) = delivery.start {
            action = .decide(.run(.uncertain(at: at), delivery.gate, cronID: delivery.cronID, remember: nil, note: nil))
        }
        while true {
            if isGone(), case .unsent = delivery.start {
                application.abandon(at: .now())
                forget(request.run)
                await disk.perform { directory.remove() }
                return .withdrawn
            }
            switch action {
            case .askCanStart:
                let answer = await application.canStart(request.slug)
                action = machine.handle(answer, isReachable: application.isReachable)
            case .start(let reference):
                delivery.gate = .yes
                delivery.start = .sent(at: .now())
                if let failure = await write(delivery, directory, durability: .disk) { return failure }
                CrashPoint.afterIntent.reached()
                let answer = await application.start(reference, key: "\(request.run)/start")
                CrashPoint.afterStartAnswer.reached()
                action = machine.handle(answer, at: .now(), isReachable: application.isReachable)
            case .pause(let time):
                try? await Task.sleep(for: .milliseconds(time.milliseconds))
                action = machine.resume(isReachable: mayAsk(application))
            case .decide(let decision):
                await remember(decision, request, memory.own, memory.published)
                return await conclude(decision, request, directory, handles, &delivery)
            }
        }
    }

    /// Whether a request may go out now; an open breaker whose time has come takes this one as its probe.
    private func mayAsk(_ application: Application) -> Bool { application.permit(at: .now()) == .allowed }

    private func memory(_ base: String, _ request: RunRequest) -> GateMemory {
        // Wrappers that name no application do not know the default one's name; no name begins with an underscore.
        let isDefault = request.application == applications.defaultName
        return GateMemory(directory: "\(base)/gate/\(isDefault ? GateMemory.defaultApplication : request.application)")
    }

    private func conclude(
        _ decision: GateDecision, _ request: RunRequest, _ directory: RunDirectory, _ handles: RunDirectory.Handles,
        _ delivery: inout DeliveryRecord
    ) async -> Beginning {
        switch decision {
        case .skip(let reason, _):
            await writeHistory(request, reason, directory)
            forget(request.run)
            log.notice("skipped", metadata: metadata(request, ["reason": "\(reason.rawValue)"]))
            return .skip(reason)
        case .run(let start, let gate, let cronID, _, let note):
            delivery.gate = gate
            delivery.start = start
            delivery.cronID = cronID
            delivery.note = note
            if case .answered = start {} else { delivery.isLate = true }
            if let failure = await write(delivery, directory, durability: .process) { return failure }
            if let note {
                let level: Logger.Level = gate == .unregistered ? .error : .warning
                log.log(
                    level: level, "running without an execution", metadata: metadata(request, ["reason": "\(note)"]))
            }
            entries[request.run]?.delivery = delivery
            return .run(handles)
        }
    }

    private func write(_ delivery: DeliveryRecord, _ directory: RunDirectory, durability: RecordFile.Durability) async
        -> Beginning?
    {
        do {
            try await disk.perform { () throws(SystemError) in try directory.write(delivery, durability: durability) }
            return nil
        } catch {
            forget(directory.run)
            log.error("record not written", metadata: ["run": "\(directory.run)", "reason": "\(error)"])
            return .error(.recordFailed("\(error)"))
        }
    }

    private func remember(_ decision: GateDecision, _ request: RunRequest, _ memories: GateMemory...) async {
        let answer: Bool? =
            switch decision {
            case .run(_, _, _, let remember, _): remember
            case .skip(_, let remember): remember
            }
        guard let answer else { return }
        do {
            try await disk.perform { () throws(SystemError) in
                for memory in memories { try memory.remember(answer, for: request.slug, at: .now()) }
            }
        } catch {
            log.warning("last answer not kept", metadata: metadata(request, ["reason": "\(error)"]))
        }
    }

    private func writeHistory(_ request: RunRequest, _ reason: SkipReason, _ directory: RunDirectory?) async {
        let history = context.history
        do {
            try await disk.perform { () throws(SystemError) in
                try history.append(request, outcome: .skipped(reason), execution: nil, endedAt: .now(), note: nil)
                directory?.remove()
            }
        } catch {
            log.error("history not written", metadata: metadata(request, ["reason": "\(error)"]))
        }
    }

    func metadata(_ request: RunRequest, _ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(["slug": "\(request.slug)", "run": "\(request.run)"]) { mine, _ in mine }
    }
}
