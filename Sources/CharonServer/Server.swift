package import CharonCore
import Glibc
import Hummingbird
package import Logging
import NIOCore
import NIOPosix

/// Charon's API over HTTP: plain, so for loopback, or for a network that something else protects.
package struct Server: Sendable {
    /// How a server listens and answers.
    package struct Options: Sendable {
        package var listen = ListenAddress.standard
        /// Normalised: begins with a slash and does not end with one, or is empty.
        package var basePath = "/api" { didSet { basePath = Self.normalised(basePath) } }
        /// Whether `listen` may be reached from other hosts.
        package var allowRemote = false
        /// Test aid: every answer waits that long after its work was done; other requests go on.
        package var latency = Duration.zero
        /// Test aid: connections beyond so many are not accepted until others are closed.
        package var connections: Int?
        /// Test aid: the form of the answers to the documented calls.
        package var dialect = Dialect.standard
        /// Test aid: what goes wrong; a request suffers the first one that befalls it.
        package var faults: [Fault] = []
        /// Test aid: the number that the fates of the requests follow from, in the order of their arrival.
        package var faultSeed = UInt64.random(in: 0 ... .max)

        /// Test aid: `Idempotency-Key` is not looked at, as by a server that does not know it.
        package var ignoresIdempotencyKeys = false

        package init() {}

        private static func normalised(_ path: String) -> String {
            let segments = path.split(separator: "/")
            return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
        }
    }

    let store: Store
    let options: Options
    let logger: Logger

    /// A server that has not begun to listen.
    ///
    /// - Throws: `usage` for an address that other hosts reach, unless the options allow it.
    package init(store: Store, options: Options, logger: Logger) throws(CharonError) {
        guard options.listen.isLoopback || options.allowRemote else {
            throw CharonError(
                .usage,
                "\(options.listen) can be reached from other hosts, and keys would cross the network in plain HTTP; "
                    + "put a TLS proxy in front of a loopback address, or say --allow-remote"
            )
        }
        self.store = store
        self.options = options
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, and then until the requests under way are answered.
    ///
    /// - Parameter onReady: Called once with the base URL, when connections are accepted.
    /// - Throws: `system` if it cannot listen.
    package func run(onReady: @escaping @Sendable (String) -> Void) async throws {
        do {
            try store.growLog()
        } catch {
            logger.warning("commits take longer than they could", metadata: ["reason": "\(error)"])
        }
        try await explained { try await application(logger) { onReady(url(port: $0)) }.runService() }
    }

    /// Serves until the task is cancelled.
    func runUntilCancelled(onReady: @escaping @Sendable (_ port: Int) -> Void) async throws {
        var quiet = logger
        // Hummingbird logs every cancelled server as an error.
        quiet.logLevel = .critical
        try await explained { try await application(quiet, onReady: onReady).run() }
    }

    func url(port: Int) -> String { "http://\(options.listen.with(port: port))\(options.basePath)" }

    private func application(
        _ frameworkLogger: Logger, onReady: @escaping @Sendable (_ port: Int) -> Void
    ) -> some ApplicationProtocol {
        let faults = options.faults.isEmpty ? nil : FaultPlan(options.faults, seed: options.faultSeed)
        return Application(
            responder: Responder(store: store, options: options, faults: faults, logger: logger),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: faults == nil ? [] : [ConnectionEnder()],
                    // Closes kept-alive connections a little later than most clients' 60 s, and half-sent requests.
                    idleTimeout: .seconds(75)
                )
            ),
            configuration: .init(
                address: .hostname(options.listen.host, port: options.listen.port),
                backlog: 1024,
                availableConnectionsDelegate: options.connections.map { .maximum($0, logger: logger) }
            ),
            onServerRunning: { channel in
                // The limit on connections is looked at once a read, and a read would accept up to four.
                try? await channel.setOption(.maxMessagesPerRead, value: 1).get()
                onReady(channel.localAddress?.port ?? options.listen.port)
            },
            // SQLite has one writer, so a second loop would do no more than hand connections over.
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton.next()),
            logger: frameworkLogger
        )
    }

    private func explained(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as IOError {
            let reason = "cannot listen: \(String(cString: strerror(error.errnoCode))); choose another address"
            throw CharonError(.system, reason, location: "\(options.listen)")
        }
    }
}
