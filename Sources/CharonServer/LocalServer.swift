import CharonCore
package import Logging

/// A server inside this process, on a free port of 127.0.0.1: what tests talk to.
package struct LocalServer: Sendable {
    package let port: Int
    /// The base URL, as `http://127.0.0.1:40123/api`.
    package let url: String
    /// To add crons and keys, and to switch them, while it runs.
    package let store: Store

    private let task: Task<Void, Never>

    /// Starts a server and returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - database: The database file, made if it is missing. A later server on the same file knows all that this one did.
    ///   - durability: See `Store.Durability`.
    ///   - options: Everything but `listen`, which is a free port unless it was set.
    ///   - logger: Where unknown errors go.
    /// - Throws: `CharonError` if the database or the port cannot be had.
    package static func start(
        database: String,
        durability: Store.Durability = .full,
        options: Server.Options = .init(),
        logger: Logger = .init(label: "charon-server") { StreamLogHandler.standardError(label: $0) }
    ) async throws -> LocalServer {
        var options = options
        if options.listen == .standard { options.listen = .anyLoopbackPort }
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        let store = try Store(path: database, durability: durability)
        let server = try Server(store: store, options: options, logger: logger)
        let (ready, announcement) = AsyncThrowingStream.makeStream(of: Int.self)
        let task = Task {
            do {
                try await server.runUntilCancelled { announcement.yield($0) }
                announcement.finish()
            } catch {
                announcement.finish(throwing: error)
            }
        }
        for try await port in ready {
            return LocalServer(port: port, url: server.url(port: port), store: store, task: task)
        }
        throw CharonError(.system, "the server ended before it listened")
    }

    /// Stops it, returning when the port is free; connections are closed, requests under way may stay unanswered.
    package func stop() async {
        task.cancel()
        await task.value
    }
}
