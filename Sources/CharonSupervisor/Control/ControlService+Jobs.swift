package import CharonControl
package import CharonCore

/// The calls about the jobs of job files.
extension ControlService {
    private static let withoutJobs = VarlinkReply.permissionDenied(
        "this daemon has no job files: it serves wrapped lines of one user")

    /// The reply to `Jobs`.
    package func jobs(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        await asked { (jobs) throws(InvalidParameter) in
            let reader = ParameterReader(json)
            let wanted = try reader.number("limit", in: 1...Int64.max) ?? Int64(ControlInterface.usualRuns)
            let limit = Int(min(wanted, Int64(ControlInterface.mostRuns)))
            return await jobs.jobs(after: try reader.optional("after", Slug.init), limit: limit, for: peer)
        }
    }

    /// The reply to `GetJob`.
    package func job(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        await asked { (jobs) throws(InvalidParameter) in
            await jobs.job(try ParameterReader(json).required("slug", Slug.init), for: peer)
        }
    }

    /// The reply to `Start`.
    package func start(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        await asked { (jobs) throws(InvalidParameter) in
            let reader = ParameterReader(json)
            let slug = try reader.required("slug", Slug.init)
            return await jobs.start(slug, isUngated: try reader.flag("ungated"), for: peer)
        }
    }

    /// The reply to `Stop`.
    package func stop(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.stop(try ParameterReader(json).required("run", RunID.init), for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Pause`.
    package func pause(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        await asked { (jobs) throws(InvalidParameter) in
            let reader = ParameterReader(json)
            let until = try reader.optional("until") { Instant(rfc3339: $0.utf8) }
            return await jobs.pause(
                try reader.optional("slug", Slug.init), until: until, reason: try reader.optional("reason") { $0 },
                for: peer)
        }
    }

    /// The reply to `Resume`.
    package func resume(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        await asked { (jobs) throws(InvalidParameter) in
            await jobs.resume(try ParameterReader(json).optional("slug", Slug.init), for: peer)
        }
    }

    /// The reply to `Reload`.
    package func reload(_ peer: Peer) async -> VarlinkReply {
        guard daemon.rights.isOperator(peer) else { return .forOperators }
        return await reread().map { VarlinkReply($0) } ?? Self.withoutJobs
    }

    /// Replies to `Drain`: with `more` each second, until nothing runs.
    func drain(_ request: ControlServer.Request) async {
        let connection = request.connection
        guard daemon.rights.isOperator(connection.peer), let jobs else {
            connection.reply(jobs == nil ? Self.withoutJobs : .forOperators)
            return
        }
        while true {
            var reply = await jobs.drain()
            let isDone = reply.parameters["running"]?.integer == 0 && reply.parameters["waiting"]?.integer == 0
            reply.continues = request.call.more && !isDone
            connection.reply(reply)
            guard reply.continues, !connection.isClosed else { return }
            await Wakeup.sleep(for: TimeSpan(milliseconds: 1000))
        }
    }

    private func asked(
        _ answer: (JobScheduler) async throws(InvalidParameter) -> VarlinkReply
    ) async -> VarlinkReply {
        guard let jobs else { return Self.withoutJobs }
        do throws(InvalidParameter) { return try await answer(jobs) } catch {
            return .invalidParameter(error.parameter)
        }
    }
}
