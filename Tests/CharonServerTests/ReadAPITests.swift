import CharonCore
import CharonServer
import Testing

@Suite("The read API")
struct ReadAPITests {
    @Test("crons by slug, with all their fields")
    func crons() async throws {
        try await Fixture.with { charon in
            let crons = try #require(try await charon.get("/-/crons").json["crons"]?.array)
            #expect(crons.map { $0["slug"] } == ["backup", "paused"])
            #expect(crons[0].members?.map(\.name) == ["id", "slug", "name", "active", "created_at"])
            #expect(crons[0]["name"] == "Nightly backup" && crons[1]["name"] == .null)
            #expect(crons.map { $0["active"] } == [true, false])
        }
    }

    @Test("executions: the newest first, by slug, since a time, limited")
    func executions() async throws {
        try await Fixture.with { charon in
            try charon.store.addCron(Fixture.slug("import"))
            let first = try await charon.start()
            let second = try #require(try await charon.get("/import/start").id)
            let third = try await charon.start()
            func ids(_ query: String) async throws -> [Int64]? {
                let list = try await charon.get("/-/executions\(query)").json["executions"]
                return list?.array?.compactMap { $0["id"]?.integer }
            }
            #expect(try await ids("") == [third, second, first])
            #expect(try await ids("?slug=backup") == [third, first])
            #expect(try await ids("?limit=2") == [third, second])
            let since = try #require(try await charon.execution(second)["started_at"]?.string)
            #expect(try await ids("?since=\(since)") == [third, second])
            #expect(try await ids("?slug=backup&since=\(since.replacing(":", with: "%3A"))&limit=5") == [third])
            #expect(try await ids("?since=2999-01-01T00:00:00Z") == nil)
            #expect(try await ids("?since=2200-01-01T00:00:00Z") == [])
        }
    }

    @Test("an execution has these fields, and its messages in order")
    func execution() async throws {
        try await Fixture.with { charon in
            let id = try await charon.start()
            for text in ["one", "two"] {
                _ = try await charon.post("/\(id)/message", ["message": .string(text), "type": "warning"])
            }
            let execution = try await charon.execution(id)
            #expect(
                execution.members?.map(\.name) == [
                    "id", "cron_id", "slug", "key", "started_at", "ended_at", "success", "type", "message", "messages",
                ])
            #expect(execution["slug"] == "backup" && execution["key"] == "tests" && execution["cron_id"] == 1)
            let messages = try #require(execution["messages"]?.array)
            #expect(messages.map { $0["message"] } == ["one", "two"])
            #expect(
                messages[0].members?.map(\.name) == ["id", "execution_id", "slug", "type", "message", "received_at"])
            #expect(try await charon.get("/-/executions").json["executions"]?.array?.first?["messages"] == 2)
            #expect(try await charon.get("/-/executions/999").status == 404)
        }
    }

    @Test("messages after an id, of all executions, none twice and none missed")
    func follow() async throws {
        try await Fixture.with { charon in
            let executions = [try await charon.start(), try await charon.start()]
            for number in 0..<7 {
                let text = JSON.string("\(number)")
                _ = try await charon.post("/\(executions[number % 2])/message", ["message": text, "type": "info"])
            }
            var seen: [String] = []
            var after: Int64 = 0
            while let page = try await charon.get("/-/messages?after=\(after)&limit=3").json["messages"]?.array,
                let last = page.last?["id"]?.integer
            {
                #expect(page.count <= 3)
                seen += page.compactMap { $0["message"]?.string }
                after = last
            }
            #expect(seen == (0..<7).map(String.init))
        }
    }

    @Test(
        "bad parameters are 400 with their name",
        arguments: [
            ("/-/executions?limit=0", "limit"), ("/-/executions?limit=1001", "limit"), ("/-/messages?limit=x", "limit"),
            ("/-/executions?since=yesterday", "since"), ("/-/executions?since=2026-01-31", "since"),
            ("/-/messages?after=-1", "after"), ("/-/messages?after=", "after"),
        ])
    func badParameters(path: String, field: String) async throws {
        try await Fixture.with { charon in
            let reply = try await charon.get(path)
            #expect(reply.status == 400 && reply.json["field"]?.string == field)
            #expect(try await charon.get("/-/executions?slug=nothing").status == 404)
        }
    }
}
