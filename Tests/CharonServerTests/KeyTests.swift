import CharonCore
import CharonServer
import Foundation
import Testing

@Suite("API keys")
struct KeyTests {
    @Test("every call wants a valid key before it looks at anything else")
    func everyCall() async throws {
        try await Fixture.with { charon in
            let calls = [
                ("GET", "/nothing/can-start"), ("GET", "/nothing/start"), ("POST", "/1/end"), ("POST", "/1/message"),
                ("GET", "/-/crons"), ("GET", "/-/executions"), ("GET", "/-/executions/1"), ("GET", "/-/messages"),
            ]
            for (method, path) in calls {
                let wrong = try await charon.send(method, path, body: method == "POST" ? [] : nil, key: "wrong")
                #expect(wrong.status == 401 && wrong.json["field"] == "X-API-KEY", "\(path)")
                #expect(wrong.reason == "the key in X-API-KEY is unknown or revoked")
                let none = try await Connection(port: charon.server.port)
                    .send(method, "/api\(path)", body: method == "POST" ? [] : nil)
                #expect(none.status == 401 && none.reason == "the header X-API-KEY is missing", "\(path)")
            }
        }
    }

    @Test("several keys are valid at once, and a revoked one no longer")
    func several() async throws {
        try await Fixture.with { charon in
            let shop = try charon.store.addKey("shop")
            #expect(try await charon.send("GET", "/backup/start", key: shop).status == 200)
            try charon.store.revokeKey("shop")
            #expect(try await charon.send("GET", "/backup/can-start", key: shop).status == 401)
            #expect(try await charon.get("/backup/can-start").status == 200)
            let renewed = try charon.store.addKey("shop")
            #expect(renewed != shop)
            #expect(try await charon.send("GET", "/backup/can-start", key: renewed).status == 200)
            #expect(try await charon.send("GET", "/backup/can-start", key: shop).status == 401)
            let listed = try charon.store.keys()
            #expect(listed.map(\.label) == ["tests", "shop", "shop"])
            #expect(listed.map { $0.revokedAt == nil } == [true, false, true])
            let starter = try await charon.get("/-/executions").json["executions"]?.array?.first?["key"]
            #expect(starter == "shop")
        }
    }

    @Test("a key has 256 bits in hexadecimal and is nowhere in the database's files")
    func hashed() async throws {
        try await Fixture.with { charon in
            #expect(charon.key.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            var found = 0
            for suffix in ["", "-wal"] {
                let content = try Data(contentsOf: URL(fileURLWithPath: charon.database + suffix))
                #expect(content.range(of: Data(charon.key.utf8)) == nil)
                if content.range(of: Data("tests".utf8)) != nil { found += 1 }
            }
            #expect(found > 0, "the label of the key must be in one of the files searched")
        }
    }

    @Test("labels: taken, unknown, unprintable", arguments: ["", "a\nb", String(repeating: "l", count: 101), "tests"])
    func labels(label: String) async throws {
        try await Fixture.with { charon in
            #expect(throws: CharonError.self) { try charon.store.addKey(label) }
            #expect(throws: CharonError.self) { try charon.store.revokeKey("not there") }
            let keys = try charon.store.keys()
            #expect(keys.count == 1)
        }
    }
}
