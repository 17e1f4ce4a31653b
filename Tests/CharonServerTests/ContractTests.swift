import CharonCore
import CharonServer
import Testing

@Suite("The four calls")
struct ContractTests {
    @Test("can-start: yes, no, no such cron")
    func canStart() async throws {
        try await Fixture.with { charon in
            let yes = try await charon.get("/backup/can-start")
            #expect(yes.status == 200)
            #expect(String(decoding: yes.body, as: UTF8.self) == #"{"id":1,"active":true}"#)
            #expect(yes.headers["content-type"] == "application/json")
            let no = try await charon.get("/paused/can-start")
            #expect(no.status == 200)
            #expect(String(decoding: no.body, as: UTF8.self) == #"{"id":2,"active":false}"#)
            for slug in ["nothing", "1", "%00", "backup%00", "back%20up", "..", "BACKUP"] {
                #expect(try await charon.get("/\(slug)/can-start").status == 404, "\(slug)")
            }
        }
    }

    @Test("start: by id and by slug, no such cron, not active")
    func start() async throws {
        try await Fixture.with { charon in
            #expect(try await charon.get("/1/start").json == ["id": 1_000_001])
            #expect(try await charon.get("/backup/start").json == ["id": 1_000_002])
            for name in ["3", "nothing", "01", "+1", "1000001", "99999999999999999999"] {
                #expect(try await charon.get("/\(name)/start").status == 404, "\(name)")
            }
            for name in ["2", "paused"] {
                let refused = try await charon.get("/\(name)/start")
                #expect(refused.status == 418)
                #expect(refused.reason == "the cron paused is not active")
            }
            #expect(try await charon.get("/-/executions").json["executions"]?.array?.count == 2)
        }
    }

    @Test("message: each type, its id, and what is kept of it")
    func message() async throws {
        try await Fixture.with { charon in
            let id = try await charon.start()
            var ids: [Int64] = []
            for type in Level.allCases {
                let sent = try await charon.post(
                    "/\(id)/message", ["message": "é \"\n", "type": .string(type.rawValue), "extra": 1])
                #expect(sent.status == 200)
                ids.append(try #require(sent.id))
            }
            let kept = try #require(try await charon.execution(id)["messages"]?.array)
            #expect(kept.compactMap { $0["id"]?.integer } == ids && ids == ids.sorted() && Set(ids).count == 4)
            #expect(kept.compactMap { $0["type"]?.string } == Level.allCases.map(\.rawValue))
            #expect(kept.allSatisfy { $0["message"] == "é \"\n" && $0["execution_id"] == .integer(id) })
        }
    }

    @Test("end: with and without a message, and only once")
    func end() async throws {
        try await Fixture.with { charon in
            let first = try await charon.start()
            #expect(try await charon.execution(first)["ended_at"] == .null)
            let ended = try await charon.post("/\(first)/end", ["type": "success", "success": true, "message": nil])
            #expect(ended.status == 200 && ended.id == first)
            let second = try await charon.start()
            let failure: JSON = ["type": "error", "success": false, "message": "exit 3"]
            #expect(try await charon.post("/\(second)/end", failure).id == second)
            let kept = try await charon.execution(second)
            #expect(kept["success"] == false && kept["type"] == "error" && kept["message"] == "exit 3")
            #expect(Instant(rfc3339: (kept["ended_at"]?.string ?? "").utf8) != nil)
            let again = try await charon.post("/\(second)/end", ["type": "success", "success": true])
            #expect(again.status == 409)
            #expect(try await charon.execution(second) == kept)
        }
    }

    @Test("an id of another space, or none, is 404 for message and end", arguments: ["1", "1000009", "backup", "-1"])
    func unknownExecution(id: String) async throws {
        try await Fixture.with { charon in
            _ = try await charon.start()
            let message = try await charon.post("/\(id)/message", ["message": "m", "type": "info"])
            let end = try await charon.post("/\(id)/end", ["type": "success", "success": true])
            #expect(message.status == 404 && end.status == 404)
            #expect(message.reason == "no such execution" && end.reason == "no such execution")
        }
    }

    private static let allowedTypes = "it must be one of info, warning, error, success"

    @Test("bad bodies get 400 with the field, what is wrong and what is allowed")
    func badBodies() async throws {
        let types = Self.allowedTypes
        let cases: [(call: String, body: String, field: String?, reason: String)] = [
            ("message", #"{"type":"info"}"#, "message", "message is missing; it must be a string"),
            ("message", #"{"type":"info","message":null}"#, "message", "message is null; it must be a string"),
            ("message", #"{"type":"info","message":7}"#, "message", "message is a number; it must be a string"),
            ("message", #"{"type":"info","message":["a"]}"#, "message", "message is an array; it must be a string"),
            ("message", #"{"type":"info","message":{}}"#, "message", "message is an object; it must be a string"),
            (
                "message", #"{"type":"info","message":"a\u0000b"}"#, "message",
                "message holds U+0000, which cannot be stored; remove it"
            ),
            ("message", #"{"message":"m"}"#, "type", "type is missing; \(types)"),
            ("message", #"{"message":"m","type":"fatal"}"#, "type", "type is the string \"fatal\"; \(types)"),
            ("message", #"{"message":"m","type":"Info"}"#, "type", "type is the string \"Info\"; \(types)"),
            ("message", #"{"message":"m","type":true}"#, "type", "type is a boolean; \(types)"),
            ("end", #"{"success":true}"#, "type", "type is missing; \(types)"),
            ("end", #"{"type":"success"}"#, "success", "success is missing; it must be true or false"),
            ("end", #"{"type":"success","success":1}"#, "success", "success is a number; it must be true or false"),
            (
                "end", #"{"type":"success","success":"true"}"#, "success",
                "success is the string \"true\"; it must be true or false"
            ),
            (
                "end", #"{"type":"success","success":true,"message":false}"#, "message",
                "message is a boolean; it must be a string"
            ),
            ("end", "[]", nil, "the body is an array; it must be a JSON object"),
            ("end", "true", nil, "the body is a boolean; it must be a JSON object"),
        ]
        try await Fixture.with { charon in
            let id = try await charon.start()
            for bad in cases {
                let reply = try await charon.send("POST", "/\(id)/\(bad.call)", body: Array(bad.body.utf8))
                #expect(reply.status == 400, "\(bad.body)")
                #expect(reply.reason == bad.reason)
                #expect(reply.json["field"]?.string == bad.field)
            }
            for body in ["", "{", "{'type':1}", "message=m&type=info", "\u{0}"] {
                let reply = try await charon.send("POST", "/\(id)/message", body: Array(body.utf8))
                #expect(reply.status == 400 && reply.reason.hasPrefix("the body is no JSON ("), "\(body)")
            }
            let noUTF8 = Array(#"{"type":"#.utf8) + [0x22, 0xFF, 0x22, 0x7D]
            let invalid = try await charon.send("POST", "/\(id)/end", body: noUTF8)
            #expect(invalid.status == 400)
            let kept = try await charon.execution(id)
            #expect(kept["ended_at"] == .null && kept["messages"] == [])
        }
    }

    @Test("a body of over a MiB is 413, and the connection stays usable")
    func largeBody() async throws {
        try await Fixture.with { charon in
            let id = try await charon.start()
            let connection = try Connection(port: charon.server.port)
            let headers = [("X-API-KEY", charon.key)]
            let message: JSON = ["message": .string(String(repeating: "x", count: 1 << 20)), "type": "info"]
            let large = try await connection.send("POST", "/api/\(id)/message", headers: headers, body: message.bytes)
            #expect(large.status == 413 && large.reason == "the body is larger than 1048576 bytes")
            #expect(try await connection.send("GET", "/api/backup/can-start", headers: headers).status == 200)
        }
    }

    @Test("unknown paths are 404, wrong methods 405 with Allow, and a HEAD starts nothing")
    func pathsAndMethods() async throws {
        try await Fixture.with { charon in
            let unknown = try await charon.get("/backup/stop")
            #expect(unknown.status == 404 && unknown.reason == "no such path; the API is below /api/")
            let wrong = try await charon.get("/1000001/end")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "POST")
            #expect(wrong.reason == "GET is not allowed here; use POST")
            let head = try await charon.send("HEAD", "/backup/start")
            #expect(head.status == 405 && head.body.isEmpty)
            #expect(try await charon.send("HEAD", "/nothing").status == 404)
            #expect(try await charon.get("/-/executions").json == ["executions": []])
        }
    }
}
