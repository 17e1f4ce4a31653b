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
        /// No record of a job could be made, which runs without one.
        case unrecorded
        /// The caller has gone; nothing was done that matters.
        case withdrawn
    }

    /// Asks the gate for a run, makes its record, and says whether the command may start.
    ///
    /// `isGone` tells whether the caller still waits: for one who has gone nothing is started.
    package func begin(_ parameters: BeginParameters, peer: Peer, isGone: @Sendable () -> Bool) async -> Beginning {
        touch()
        var request = parameters.request
        request.host = configuration.host
        let application: Application
        do { application = try await admit(parameters, peer) } catch { return .error(error.reply) }
        if let known = entries[request.run] { return await rejoin(known, request) }
        if let skip = await overlap(request, isGone: isGone) { return skip }
        if isGone() { return .withdrawn }
        guard !isStopping else { return .error(.busy("charond is stopping")) }
        guard entries[request.run] == nil else { return .error(Self.isBegun(request)) }
        entries[request.run] = Entry(request: request, application: application, delivery: DeliveryRecord())
        observer?.began(request.run, of: request.slug)
        log.report(.begun, "run begun", .info, metadata(request, ["uid": "\(request.uid)"]))
        return await passGate(request, application, isGone: isGone)
    }

    /// The reply to the caller of a run whose command may start.
    package func describe(beginning request: RunRequest) -> VarlinkReply {
        var execution: ExecutionID?
        if case .answered(let id)? = entries[request.run]?.delivery.start { execution = id }
        return VarlinkReply([
            "state": "run", "application": .string(request.application),
            "execution": execution.map { .string($0.text) },
        ])
    }

    /// Why a caller may not do what it asks for.
    struct Refusal: Error {
        let reply: VarlinkReply
    }

    /// The application of a run that `peer` may begin or hand in.
    func admit(_ parameters: BeginParameters, _ peer: Peer) async throws(Refusal) -> Application {
        do {
            let (rights, slug) = (rights, parameters.request.slug)
            let refusal = try await disk.perform { () throws(SystemError) in try rights.refusal(of: peer, slug) }
            if let refusal { throw Refusal(reply: .permissionDenied(refusal)) }
            return try applications.resolve(parameters.request.application, parameters.credentials)
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as CharonError {
            throw Refusal(reply: .invalidParameter("application: \(error.message)"))
        } catch {
            throw Refusal(reply: .recordFailed("\(error)"))
        }
    }

    /// The caller of a run that an earlier daemon began comes back for it before it counts as lost.
    private func rejoin(_ known: Entry, _ request: RunRequest) async -> Beginning {
        guard known.request.uid == request.uid, known.request.slug == request.slug else {
            return .error(.permissionDenied("the run \(request.run) is another's"))
        }
        guard known.follower != nil else { return .error(Self.isBegun(request)) }
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        do {
            let handles = try await disk.perform { () throws(SystemError) in try Self.reopenUntaken(directory) }
            return handles.map { .run($0) } ?? .error(Self.isBegun(request))
        } catch {
            return .error(.recordFailed("\(error)"))
        }
    }

    private static func isBegun(_ request: RunRequest) -> VarlinkReply {
        .busy("the run \(request.run) is begun already")
    }

    /// The descriptors of a run that no supervisor has taken, locked; nil if one has, or it counts as lost.
    static func reopenUntaken(_ directory: RunDirectory) throws(SystemError) -> RunDirectory.Handles? {
        let handles: RunDirectory.Handles
        do throws(SystemError) {
            handles = try directory.reopen()
        } catch {
            if error.errno == EAGAIN { return nil }
            throw error
        }
        guard try handles.supervisor.size == 0 else { return nil }
        return try directory.exit() == nil ? handles : nil
    }

    private func overlap(_ request: RunRequest, isGone: @Sendable () -> Bool) async -> Beginning? {
        func isBusy() -> Bool {
            entries.values.contains { $0.isActive && $0.request.slug == request.slug }
        }
        switch request.policies.overlap {
        case .allow: return nil
        case .skip:
            guard isBusy() else { return nil }
            await writeHistory(request, .overlap, note: nil)
            report(skipped: request, .overlap, note: nil)
            return .skip(.overlap)
        case .wait:
            while isBusy(), !isStopping {
                if isGone() { return .withdrawn }
                await untilRunsChange()
            }
            return nil
        }
    }

    func writeHistory(_ request: RunRequest, _ reason: SkipReason, note: String?) async {
        let history = history
        do {
            try await disk.perform { () throws(SystemError) in
                try history.append(request, outcome: .skipped(reason), execution: nil, endedAt: .now(), note: note)
            }
        } catch {
            log.report(.recordFailed, "history not written", .error, metadata(request, ["reason": "\(error)"]))
        }
    }

    func report(skipped request: RunRequest, _ reason: SkipReason, note: String?) {
        let why = note.map { "\(reason.rawValue): \($0)" } ?? reason.rawValue
        log.report(
            .skipped, "skipped", note == nil ? .notice : .warning, metadata(request, ["reason": "\(why)"]))
    }

    func metadata(_ request: RunRequest, _ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(request.metadata) { mine, _ in mine }
    }
}
