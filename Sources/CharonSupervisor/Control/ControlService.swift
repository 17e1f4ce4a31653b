package import CharonControl
package import CharonCore
import CharonRuns

/// Answers the calls of the control socket.
package struct ControlService: Sendable {
    let daemon: Daemon
    /// Nil where no job files are, as in a private daemon.
    let jobs: JobScheduler?
    /// Reads everything again that may have changed.
    let reread: @Sendable () async -> JobScheduler.Reload?
    private let policies: Policies
    private let version: String
    let probes = ProbeTurns()

    package init(
        _ daemon: Daemon, jobs: JobScheduler? = nil, policies: Policies, version: String,
        reread: @escaping @Sendable () async -> JobScheduler.Reload? = { nil }
    ) {
        self.daemon = daemon
        self.jobs = jobs
        self.reread = reread
        self.policies = policies
        self.version = version
    }

    package func handle(_ request: ControlServer.Request) async {
        let (call, connection) = (request.call, request.connection)
        switch call.method {
        case "\(ControlInterface.service).GetInfo":
            connection.reply(VarlinkReply(ControlInterface.info(version: version)))
        case "\(ControlInterface.service).GetInterfaceDescription":
            connection.reply(Self.describe(call.parameters))
        default:
            let prefix = ControlInterface.name + "."
            guard call.method.hasPrefix(prefix) else {
                let interface = call.method.split(separator: ".").dropLast().joined(separator: ".")
                connection.reply(.interfaceNotFound(interface))
                return
            }
            switch ControlInterface.Method(rawValue: String(call.method.dropFirst(prefix.count))) {
            case .begin: await begin(request)
            case .handIn: await handIn(request)
            case .awaitDelivery: await awaitDelivery(request)
            case .list: connection.reply(await list(call.parameters, connection.peer))
            case .getRun: connection.reply(await run(call.parameters, connection.peer))
            case .logs: connection.reply(await logs(call.parameters, connection.peer))
            case .getStatus: connection.reply(await status(call.parameters, connection.peer))
            case .outbox: connection.reply(await outbox(call.parameters, connection.peer))
            case .setAside: connection.reply(await setAside(call.parameters, connection.peer))
            case .retry: connection.reply(await retry(call.parameters, connection.peer))
            case .drop: connection.reply(await drop(call.parameters, connection.peer))
            case .probe: connection.reply(await probe(call.parameters, connection.peer))
            case .jobs: connection.reply(await jobs(call.parameters, connection.peer))
            case .getJob: connection.reply(await job(call.parameters, connection.peer))
            case .start: connection.reply(await start(call.parameters, connection.peer))
            case .stop: connection.reply(await stop(call.parameters, connection.peer))
            case .pause: connection.reply(await pause(call.parameters, connection.peer))
            case .resume: connection.reply(await resume(call.parameters, connection.peer))
            case .reload: connection.reply(await reload(connection.peer))
            case .drain: await drain(request)
            case nil: connection.reply(.methodNotFound(call.method))
            }
        }
    }

    private static func describe(_ parameters: JSON) -> VarlinkReply {
        guard let name = parameters["interface"]?.string else { return .invalidParameter("interface") }
        guard let text = ControlInterface.description(of: name) else { return .interfaceNotFound(name) }
        return VarlinkReply(["description": .string(text)])
    }

    private func parameters(_ json: JSON, _ peer: Peer) throws(InvalidParameter) -> BeginParameters {
        let application = daemon.applications.defaultName(for: peer.uid)
        return try BeginParameters(json, peer: peer, defaults: policies, application: application, at: .now())
    }

    private func begin(_ request: ControlServer.Request) async {
        let connection = request.connection
        let parameters: BeginParameters
        do {
            parameters = try self.parameters(request.call.parameters, connection.peer)
        } catch {
            connection.reply(.invalidParameter(error.parameter))
            return
        }
        let heartbeat = request.call.more ? Self.heartbeat(connection) : nil
        let beginning = await daemon.begin(parameters, peer: connection.peer, isGone: { connection.isClosed })
        heartbeat?.cancel()
        await heartbeat?.value
        switch beginning {
        case .run(let handles):
            let sent = connection.reply(
                await daemon.describe(beginning: parameters.request),
                descriptors: [handles.supervisor, handles.output])
            await daemon.handedOver(parameters.request, wasTaken: sent)
        case .skip(let reason):
            let code = reason == .off ? daemon.configuration.offExitCode : 0
            connection.reply(
                VarlinkReply([
                    "state": "skip", "reason": .string(reason.rawValue), "exit_code": .integer(Int64(code)),
                ]))
        case .error(let reply): connection.reply(reply)
        // Only of jobs.
        case .withdrawn, .unrecorded: connection.finish()
        }
    }

    /// Tells a waiting caller that the daemon is alive.
    private static func heartbeat(_ connection: ControlConnection) -> Task<Void, Never> {
        Task {
            while true {
                await Wakeup.sleep(for: Timing.heartbeat)
                guard !Task.isCancelled else { return }
                connection.reply(VarlinkReply(["state": "waiting"], continues: true))
            }
        }
    }

    private func handIn(_ request: ControlServer.Request) async {
        let connection = request.connection
        guard request.descriptors.count == 2 else {
            connection.reply(.invalidParameter("two descriptors, supervisor and output, must come with the call"))
            return
        }
        do {
            let parameters = try self.parameters(request.call.parameters, connection.peer)
            let failure = await daemon.handIn(
                parameters, peer: connection.peer, supervisor: request.descriptors[0], output: request.descriptors[1])
            connection.reply(failure ?? VarlinkReply())
        } catch {
            connection.reply(.invalidParameter(error.parameter))
        }
    }

    private func awaitDelivery(_ request: ControlServer.Request) async {
        guard let run = request.call.parameters["run"]?.string.flatMap(RunID.init) else {
            request.connection.reply(.invalidParameter("run"))
            return
        }
        request.connection.reply(await daemon.awaitDelivery(run, for: request.connection.peer))
    }
}
