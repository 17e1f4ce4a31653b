import CharonControl
import CharonCore
import CharonSupervisor
import Glibc
import Logging

/// A daemon with its control socket: what the host's and the private one share.
struct DaemonService {
    let daemon: Daemon
    private let server: ControlServer

    init(
        _ configuration: Daemon.Configuration, _ book: ApplicationBook, _ rights: Rights, listener: Descriptor,
        log: Logger
    ) throws {
        var configuration = configuration
        configuration.version = CharondCommand.version
        configuration.host = Self.hostName()
        daemon = try Daemon(configuration, applications: book, rights: rights, log: log)
        let service = ControlService(daemon, policies: configuration.policies, version: configuration.version)
        server = try ControlServer(listener: listener) { await service.handle($0) }
    }

    /// Takes up what an earlier daemon left, then answers calls.
    func start() async throws {
        await daemon.recover()
        await daemon.startBudget()
        try server.start()
    }

    func stop() async {
        server.stop()
        await daemon.stop()
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
