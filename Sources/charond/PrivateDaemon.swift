import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Logging

/// The daemon of one user where the host has none: started by charon-run, gone when there is nothing left to do.
struct PrivateDaemon {
    let state: String
    let idle: TimeSpan

    /// Serves until a signal stops it or there is nothing left to do.
    func run(_ signals: Signals) async throws {
        try await Transports.with { try await run(signals, $0) }
    }

    private func run(_ signals: Signals, _ transports: Transports) async throws {
        let log = DaemonLog.logger()
        // The daemon before this one may be on its last steps.
        let lock = try DaemonLock.take(state, waitingSeconds: 5)
        defer { withExtendedLifetime(lock) {} }
        let allowPlainHTTP = EnvironmentSettings.value("CHARON_ALLOW_PLAIN_HTTP") == "1"
        let book = ApplicationBook([]) { name, credentials throws(CharonError) in
            let base = try BaseURL(credentials.url, allowPlainHTTP: allowPlainHTTP)
            return Application(
                name: name, url: credentials.url, transport: try transports.make(base, credentials.key), log: log)
        }
        var configuration = Daemon.Configuration(state: state, published: "\(state)/run")
        configuration.isPrivate = true
        // A user's share of a laptop's or container's disk, which has no configuration of its own.
        configuration.budget.limit = DiskUse(bytes: 128 << 20, files: 20_000)
        let rights = Rights(state: state, isPrivate: true, isWrapped: { _, _ in false }, isReserved: { _ in false })
        let service = try DaemonService(
            configuration, book, rights, listener: Descriptor(owning: 3), log: log)
        try await service.start()
        let daemon = service.daemon
        let idle = idle
        let signal = await withTaskGroup(of: Int32?.self) { group in
            group.addTask { await signals.untilStop() }
            group.addTask {
                while await !daemon.isIdle(at: .now(), for: idle) {
                    await Wakeup.sleep(for: min(idle, TimeSpan(milliseconds: 5000)))
                    guard !Task.isCancelled else { return nil }
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        log.info("stopping", metadata: ["signal": "\(signal ?? 0)"])
        await service.stop()
    }
}
