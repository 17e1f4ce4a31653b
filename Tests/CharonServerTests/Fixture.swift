import CharonCore
import CharonServer
import Foundation
import Testing

/// A server on an empty database with two crons, `backup` (on) and `paused` (off), and one key.
struct Fixture: Sendable {
    let server: LocalServer
    let key: String
    let database: String

    var store: Store { server.store }

    /// Runs `body` against a fresh server, and removes everything after it.
    static func with(
        options: Server.Options = .init(), _ body: (Fixture) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            let server = try await LocalServer.start(database: database, options: options)
            do {
                try server.store.addCron(slug("backup"), name: "Nightly backup")
                try server.store.addCron(slug("paused"), active: false)
                try await body(
                    Fixture(server: server, key: try server.store.addKey("tests"), database: database))
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    /// Runs `body` with the path of a database that does not exist yet, in a directory of its own.
    static func withDatabase(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("charon-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.appendingPathComponent("charon.db").path)
    }

    static func slug(_ text: String) throws -> Slug { try #require(Slug(text)) }

    func get(_ path: String, idempotencyKey: String? = nil) async throws -> Reply {
        try await send("GET", path, idempotencyKey: idempotencyKey)
    }

    func post(_ path: String, _ body: JSON, idempotencyKey: String? = nil) async throws -> Reply {
        try await send("POST", path, body: body.bytes, idempotencyKey: idempotencyKey)
    }

    /// One request on a connection of its own; the header `X-API-KEY` is the fixture's unless another is given.
    func send(
        _ method: String, _ path: String, body: [UInt8]? = nil, key: String? = nil, idempotencyKey: String? = nil
    ) async throws -> Reply {
        try await Connection(port: server.port).send(
            method, "/api\(path)", headers: headers(key: key, idempotencyKey: idempotencyKey), body: body)
    }

    func headers(key: String? = nil, idempotencyKey: String? = nil) -> [(String, String)] {
        var headers = [("X-API-KEY", key ?? self.key)]
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        return headers
    }

    /// Runs `body` with a second server on the same database, which has these faults.
    func withFaults(
        _ faults: String..., dialect: Dialect = .standard, connections: Int? = nil,
        _ body: (Fixture) async throws -> Void
    ) async throws {
        var options = Server.Options()
        options.faults = try faults.map { try Fault($0) }
        options.dialect = dialect
        options.connections = connections
        let faulty = try await LocalServer.start(database: database, options: options)
        do {
            try await body(Fixture(server: faulty, key: key, database: database))
        } catch {
            await faulty.stop()
            throw error
        }
        await faulty.stop()
    }

    /// How many executions there are.
    var executions: Int {
        get async throws { try #require(try await get("/-/executions").json["executions"]?.array?.count) }
    }

    /// Starts `backup`.
    func start() async throws -> Int64 { try #require(try await get("/backup/start").id) }

    /// The read API's view of one execution.
    func execution(_ id: Int64) async throws -> JSON { try await get("/-/executions/\(id)").json }
}
