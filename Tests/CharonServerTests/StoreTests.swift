import CharonCore
import Foundation
import GRDB
import Testing

@testable import CharonServer

@Suite("Store")
struct StoreTests {
    @Test("full durability is on after opening, normal only if asked for", arguments: Store.Durability.allCases)
    func durability(durability: Store.Durability) async throws {
        try await Fixture.withDatabase { database in
            let store = try Store(path: database, durability: durability)
            #expect(try store.synchronous == (durability == .full ? 2 : 1))
        }
    }

    @Test("the grown log holds nothing, and keeps its size under writes")
    func grownLog() async throws {
        try await Fixture.withDatabase { database in
            let store = try Store(path: database)
            func logBytes() throws -> Int {
                try FileManager.default.attributesOfItem(atPath: database + "-wal")[.size] as? Int ?? 0
            }
            try store.addCron(Fixture.slug("before"))
            let tables = try store.read { db in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema") }
            #expect(try logBytes() < 1 << 20)
            try store.growLog()
            let grown = try logBytes()
            #expect(grown >= 4 << 20)
            #expect(try store.read { db in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema") } == tables)
            for number in 1...50 { try store.addCron(Fixture.slug("after-\(number)")) }
            #expect(try logBytes() == grown)
            #expect(try store.crons().count == 51)
        }
    }

    @Test("a new database is its owner's alone")
    func mode() async throws {
        try await Fixture.withDatabase { database in
            let store = try Store(path: database)
            try store.addCron(Fixture.slug("backup"))
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: database + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
        }
    }

    @Test("a missing file, a missing directory and a file of another kind are errors that name it")
    func unusable() async throws {
        try await Fixture.withDatabase { database in
            let missing = #expect(throws: CharonError.self) { try Store(path: database, create: false) }
            #expect(missing?.location == database && missing?.message.contains("No such file") == true)
            #expect(!FileManager.default.fileExists(atPath: database))
            #expect(throws: CharonError.self) { try Store(path: database + "/charon.db") }
            try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: database))
            let other = #expect(throws: CharonError.self) { try Store(path: database) }
            #expect(other?.message.contains("not a database") == true)
        }
    }

    @Test("crons: added once, switched, listed by slug")
    func crons() async throws {
        try await Fixture.withDatabase { database in
            let store = try Store(path: database)
            let import1 = try store.addCron(Fixture.slug("import"), name: "Import", active: false)
            let backup = try store.addCron(Fixture.slug("backup"))
            #expect(import1.id == 1 && !import1.active && import1.name == "Import")
            #expect(backup.id == 2 && backup.active && backup.name == nil)
            #expect(throws: CharonError.self) { try store.addCron(Fixture.slug("backup")) }
            #expect(throws: CharonError.self) { try store.addCron(Fixture.slug("12")) }
            #expect(throws: CharonError.self) { try store.setCron(Fixture.slug("nothing"), active: true) }
            try store.setCron(Fixture.slug("import"), active: true)
            try store.setCron(Fixture.slug("backup"), active: false)
            #expect(try store.crons().map(\.slug) == ["backup", "import"])
            #expect(try store.crons().map(\.active) == [false, true])
        }
    }

    @Test("another connection's 'cron off' and 'key revoke' hold from the next request on")
    func otherConnection() async throws {
        try await Fixture.with { charon in
            #expect(try await charon.get("/backup/can-start").json["active"] == true)
            let other = try Store(path: charon.database, create: false)
            try other.setCron(Fixture.slug("backup"), active: false)
            #expect(try await charon.get("/backup/can-start").json["active"] == false)
            #expect(try await charon.get("/backup/start").status == 418)
            try other.setCron(Fixture.slug("backup"), active: true)
            #expect(try await charon.get("/backup/start").status == 200)
            try other.revokeKey("tests")
            #expect(try await charon.get("/backup/can-start").status == 401)
        }
    }

    @Test("a restart keeps everything, idempotency keys and id spaces too")
    func restart() async throws {
        try await Fixture.with { charon in
            let id = try #require(try await charon.get("/backup/start", idempotencyKey: "k").id)
            _ = try await charon.post("/\(id)/message", ["message": "m", "type": "info"])
            let before = try await charon.execution(id)
            await charon.server.stop()
            let again = try await LocalServer.start(database: charon.database)
            let restarted = Fixture(server: again, key: charon.key, database: charon.database)
            #expect(try await restarted.execution(id) == before)
            #expect(try await restarted.get("/backup/start", idempotencyKey: "k").id == id)
            #expect(try await restarted.start() == id + 1)
            #expect(try await restarted.post("/\(id)/end", ["type": "success", "success": true]).status == 200)
            await again.stop()
        }
    }

    private struct Broken: Error {}

    @Test("a write that fails inside a shared commit is undone, and takes no other with it")
    func groupCommit() async throws {
        try await Fixture.with { charon in
            let call = Call(route: .start(cron: "backup"), apiKey: charon.key, idempotencyKey: nil)
            let commits = charon.store.commits
            let ids = await withTaskGroup { group in
                for number in 0..<60 {
                    group.addTask {
                        try? await commits.run { db in
                            let answer = try call.answer(db)
                            if number % 3 == 0 { throw Broken() }
                            return answer
                        }.body?["id"]?.integer
                    }
                }
                return await group.reduce(into: [Int64?]()) { $0.append($1) }
            }
            #expect(ids.count { $0 == nil } == 20)
            let kept = try await charon.get("/-/executions").json["executions"]?.array?.compactMap { $0["id"]?.integer }
            #expect(kept?.sorted() == ids.compactMap { $0 }.sorted())
        }
    }
}
