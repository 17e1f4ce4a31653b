import CLinux
import CharonControl
import CharonCore
import Glibc
import Synchronization

/// A control socket that answers as a script says: for what charonctl makes of answers.
final class ScriptedDaemon: Sendable {
    private let server: ControlServer
    private let calls: Calls

    /// Listens at `path`; `script` gives the replies to a call, without its interface's name.
    init(at path: String, _ script: @escaping @Sendable (_ method: String, _ parameters: JSON) -> [VarlinkReply]) throws
    {
        signal(SIGPIPE, SIG_IGN)
        let number = clinux_listen(path, 0o666, 16)
        guard number >= 0 else { throw SystemError("listen", errno: -number, path) }
        let calls = Calls()
        self.calls = calls
        server = try ControlServer(listener: Descriptor(owning: number)) { request in
            calls.add(request.call)
            let method = String(request.call.method.split(separator: ".").last ?? "")
            for reply in script(method, request.call.parameters) { request.connection.reply(reply) }
        }
        try server.start()
    }

    deinit { server.stop() }

    /// The calls so far, as `Pause {"slug":"job"}`.
    var seen: [String] {
        calls.all.map { call in
            let method = call.method.split(separator: ".").last ?? ""
            return "\(method) \(call.parameters)\(call.more ? " more" : "")"
        }
    }

    private final class Calls: Sendable {
        private let list = Mutex<[VarlinkCall]>([])

        func add(_ call: VarlinkCall) { list.withLock { $0.append(call) } }

        var all: [VarlinkCall] { list.withLock { $0 } }
    }
}

extension ScriptedDaemon {
    /// A site with a daemon that answers as `script` says.
    static func with(
        _ script: @escaping @Sendable (String, JSON) -> [VarlinkReply],
        body: (Site, ScriptedDaemon) async throws -> Void
    ) async throws {
        try await Site.with { site in
            let daemon = try ScriptedDaemon(at: site.socket, script)
            try await body(site, daemon)
        }
    }
}
