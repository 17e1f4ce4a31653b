import CharonCore
import CharonServer
import Testing

@Suite("Idempotency-Key")
struct IdempotencyTests {
    private static let message: JSON = ["message": "m", "type": "info"]
    private static let end: JSON = ["type": "success", "success": true]

    @Test("the same key gets the same answer, and nothing twice")
    func repeats() async throws {
        try await Fixture.with { charon in
            let id = try #require(try await charon.get("/backup/start", idempotencyKey: "r/0").id)
            #expect(try await charon.get("/backup/start", idempotencyKey: "r/0").id == id)
            let first = try await charon.post("/\(id)/message", Self.message, idempotencyKey: "r/1")
            let second = try await charon.post("/\(id)/message", Self.message, idempotencyKey: "r/1")
            #expect(first.status == 200 && second.status == 200 && first.body == second.body)
            for _ in 0..<2 {
                let ended = try await charon.post("/\(id)/end", Self.end, idempotencyKey: "r/2")
                #expect(ended.json == ["id": .integer(id)])
            }
            #expect(try await charon.post("/\(id)/end", Self.end, idempotencyKey: "r/3").status == 409)
            #expect(try await charon.get("/-/executions").json["executions"]?.array?.count == 1)
            #expect(try await charon.execution(id)["messages"]?.array?.count == 1)
        }
    }

    @Test("a server that ignores the key does all of it again")
    func ignored() async throws {
        var options = Server.Options()
        options.ignoresIdempotencyKeys = true
        try await Fixture.with(options: options) { charon in
            let id = try #require(try await charon.get("/backup/start", idempotencyKey: "r/0").id)
            #expect(try await charon.get("/backup/start", idempotencyKey: "r/0").id != id)
        }
    }

    @Test("a stored start is answered though the cron is off by now")
    func storedBeforeOff() async throws {
        try await Fixture.with { charon in
            let id = try await charon.get("/backup/start", idempotencyKey: "k").id
            try charon.store.setCron(Fixture.slug("backup"), active: false)
            #expect(try await charon.get("/backup/start", idempotencyKey: "k").id == id)
            #expect(try await charon.get("/backup/start", idempotencyKey: "new").status == 418)
        }
    }

    @Test("20 duplicates at once do it once", arguments: ["start", "message", "end"])
    func concurrent(call: String) async throws {
        try await Fixture.with { charon in
            let id = try await charon.start()
            let replies = try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        switch call {
                        case "start": try await charon.get("/backup/start", idempotencyKey: "k")
                        case "message": try await charon.post("/\(id)/message", Self.message, idempotencyKey: "k")
                        default: try await charon.post("/\(id)/end", Self.end, idempotencyKey: "k")
                        }
                    }
                }
                return try await group.reduce(into: [Reply]()) { $0.append($1) }
            }
            #expect(replies.allSatisfy { $0.status == 200 })
            #expect(Set(replies.map(\.body)).count == 1)
            let executions = try await charon.get("/-/executions").json["executions"]?.array?.count
            #expect(executions == (call == "start" ? 2 : 1))
            #expect(try await charon.execution(id)["messages"]?.array?.count == (call == "message" ? 1 : 0))
        }
    }

    @Test("the same key with another body or id is 422, and does nothing")
    func mismatch() async throws {
        try await Fixture.with { charon in
            let id = try #require(try await charon.get("/backup/start", idempotencyKey: "k").id)
            let start = try await charon.get("/1/start", idempotencyKey: "k")
            #expect(start.status == 422 && start.json["field"] == "Idempotency-Key")
            _ = try await charon.post("/\(id)/message", Self.message, idempotencyKey: "k")
            let other: JSON = ["message": "another", "type": "info"]
            #expect(try await charon.post("/\(id)/message", other, idempotencyKey: "k").status == 422)
            #expect(try await charon.get("/-/executions").json["executions"]?.array?.count == 1)
            #expect(try await charon.execution(id)["messages"]?.array?.count == 1)
        }
    }

    @Test("keys are apart by API key and by call")
    func scopes() async throws {
        try await Fixture.with { charon in
            let other = try charon.store.addKey("other")
            let first = try await charon.send("GET", "/backup/start", idempotencyKey: "k")
            let second = try await charon.send("GET", "/backup/start", key: other, idempotencyKey: "k")
            #expect(first.status == 200 && second.status == 200 && first.id != second.id)
            let id = try #require(first.id)
            #expect(try await charon.post("/\(id)/message", Self.message, idempotencyKey: "k").status == 200)
            #expect(try await charon.post("/\(id)/end", Self.end, idempotencyKey: "k").status == 200)
        }
    }

    @Test("a refusal is not remembered: the key works once its reason is gone")
    func refusals() async throws {
        try await Fixture.with { charon in
            #expect(try await charon.get("/paused/start", idempotencyKey: "k").status == 418)
            try charon.store.setCron(Fixture.slug("paused"), active: true)
            #expect(try await charon.get("/paused/start", idempotencyKey: "k").status == 200)
        }
    }

    @Test("an empty or overlong key is 400", arguments: ["", String(repeating: "k", count: 256)])
    func badKeys(key: String) async throws {
        try await Fixture.with { charon in
            let reply = try await charon.get("/backup/start", idempotencyKey: key)
            #expect(reply.status == 400 && reply.json["field"] == "Idempotency-Key")
        }
    }
}
