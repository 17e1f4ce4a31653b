import CharonControl
import CharonCore
import CharonSchedule
import CharonSupervisor
import Glibc
import Logging

/// A daemon with its control socket: what the host's and the private one share.
struct DaemonService {
    let daemon: Daemon
    /// Nil without job files.
    let jobs: JobScheduler?
    private let server: ControlServer

    init(
        _ configuration: Daemon.Configuration, _ book: ApplicationBook, _ rights: Rights, listener: Descriptor,
        log: Logger, jobs source: JobScheduler.Source? = nil, scopes: (any Scopes)? = nil,
        reread: @escaping @Sendable (Daemon, JobScheduler?) async -> JobScheduler.Reload? = { _, _ in nil }
    ) throws {
        var configuration = configuration
        configuration.version = CharondCommand.version
        configuration.host = Self.hostName()
        daemon = try Daemon(configuration, applications: book, rights: rights, log: log, scopes: scopes)
        let daemon = daemon
        jobs = try source.map {
            try JobScheduler(
                daemon, $0, state: configuration.state, runtime: configuration.published, host: Seed.host(), log: log)
        }
        let jobs = jobs
        let service = ControlService(
            daemon, jobs: jobs, policies: configuration.policies, version: configuration.version,
            reread: { await reread(daemon, jobs) })
        server = try ControlServer(listener: listener) { await service.handle($0) }
    }

    /// Takes up what an earlier daemon left, then answers calls.
    func start() async throws {
        await daemon.recover()
        await daemon.startBudget()
        await jobs?.start()
        try server.start()
    }

    /// Returns when each of its parts has shown that it is at work: scheduler, gate and delivery, control.
    func beat() async {
        await jobs?.beat()
        await daemon.beat()
        await server.beat()
    }

    func stop() async {
        await jobs?.stop()
        server.stop()
        await daemon.stop()
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
