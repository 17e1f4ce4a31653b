import CharonCore
import CharonServer
import Foundation
import Testing

/// What a client sees of each fault, and whether the work was done.
@Suite("Faults over sockets", .timeLimit(.minutes(2)))
struct FaultyServerTests {
    /// An answer that comes in place of the server's own.
    struct Instead: Sendable {
        let fault: String
        let status: Int
        var isHTML = false
        var isDone = false
        var body: String?
        var header: (name: String, value: String)?
    }

    static let pages =
        FaultTests.statuses.map { status in
            Instead(
                fault: "status-\(status)", status: status, body: #"{"error":"injected fault"}"#,
                header: status == 429 ? ("retry-after", "1") : nil)
        } + [
            Instead(fault: "status-500-after", status: 500, isDone: true, body: #"{"error":"injected fault"}"#),
            Instead(fault: "not-found-html", status: 404, isHTML: true),
            Instead(fault: "502-html", status: 502, isHTML: true),
            Instead(fault: "502-html-after", status: 502, isHTML: true, isDone: true),
            Instead(fault: "504-html", status: 504, isHTML: true, isDone: true),
            Instead(fault: "redirect", status: 302, isHTML: true, header: ("location", "/login")),
            Instead(fault: "html-200", status: 200, isHTML: true),
            Instead(fault: "empty-200", status: 200, isDone: true, body: ""),
            Instead(fault: "garbage-200", status: 200, isDone: true),
        ]

    @Test("another answer than the server's", arguments: pages)
    func instead(page: Instead) async throws {
        try await Fixture.with { charon in
            try await charon.withFaults(page.fault) { faulty in
                let connection = try Connection(port: faulty.server.port)
                for _ in 0..<2 {
                    let reply = try await connection.send(
                        "GET", "/api/backup/start", headers: charon.headers(idempotencyKey: "k"))
                    #expect(reply.status == page.status)
                    #expect(reply.headers["content-type"]?.hasPrefix("text/html") == page.isHTML)
                    #expect(String(decoding: reply.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>") == page.isHTML)
                    if let body = page.body { #expect(String(decoding: reply.body, as: UTF8.self) == body) }
                    if let header = page.header { #expect(reply.headers[header.name] == header.value) }
                    #expect(reply.json == .null || page.body != nil)
                }
            }
            try await expectWork(page.isDone, charon)
        }
    }

    @Test("a reset connection", arguments: [("reset-before", false), ("reset-after", true)])
    func reset(fault: String, isDone: Bool) async throws {
        try await Fixture.with { charon in
            try await charon.withFaults(fault) { faulty in
                let remains = try await start(faulty)
                #expect(remains.ending == .reset && remains.bytes.isEmpty)
            }
            try await expectWork(isDone, charon)
        }
    }

    @Test("a reset in the middle of the body", arguments: [Dialect.standard, .noContent])
    func resetBody(dialect: Dialect) async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("reset-body", dialect: dialect) { faulty in
                let remains = try await start(faulty)
                #expect(remains.ending == .reset && remains.reply == nil)
                #expect(
                    remains.text.hasPrefix("HTTP/1.1 200 OK\r\n") && remains.text.contains("Content-Length: 14\r\n"))
                #expect(remains.text.hasSuffix("\r\n\r\n{\"id\":1"))
            }
            try await expectWork(true, charon)
            let id = 1_000_001
            try await charon.withFaults("reset-body", dialect: dialect) { faulty in
                let message: JSON = ["message": "m", "type": "info"]
                let remains = try await Connection(port: faulty.server.port).remains(
                    "POST", "/api/\(id)/message", headers: charon.headers(), body: message.bytes)
                #expect(remains.ending == .reset && remains.reply == nil && remains.text.hasPrefix("HTTP/1.1 200 OK"))
            }
            #expect(try await charon.execution(Int64(id))["messages"]?.array?.count == 1)
        }
    }

    @Test("silence, until the client has enough", arguments: [("silence-before", false), ("silence-after", true)])
    func silence(fault: String, isDone: Bool) async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("\(fault)@start", connections: 1) { faulty in
                let remains = try await start(faulty, seconds: 1)
                #expect(remains.ending == .open && remains.bytes.isEmpty)
                // The server has room for one connection: it took leave of the silent one.
                #expect(try await faulty.get("/backup/can-start").status == 200)
            }
            try await expectWork(isDone, charon)
        }
    }

    @Test("a server stops though clients wait in silence, and tells them")
    func stopInSilence() async throws {
        try await Fixture.with { charon in
            var waiting: Connection?
            try await charon.withFaults("silence") { faulty in
                let connection = try Connection(port: faulty.server.port)
                let remains = try await connection.remains(
                    "GET", "/api/backup/start", headers: charon.headers(), seconds: 1)
                #expect(remains.ending == .open)
                waiting = connection
            }
            _ = consume waiting
            try await expectWork(false, charon)
        }
    }

    @Test("one byte a second, and then the whole answer")
    func slow() async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("slow", dialect: .bare) { faulty in
                let begin = ContinuousClock.now
                let reply = try await faulty.get("/backup/start", idempotencyKey: "k")
                #expect(ContinuousClock.now - begin >= .seconds(7))
                #expect(reply.status == 200 && reply.json == 1_000_001)
            }
            try await expectWork(true, charon)
        }
    }

    @Test("a body without end, of which the server keeps only what the client has still to read")
    func endless() async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("endless") { faulty in
                let connection = try Connection(port: faulty.server.port)
                let remains = try await connection.remains(
                    "GET", "/api/backup/start", headers: charon.headers(idempotencyKey: "k"), limit: 16 << 20)
                #expect(remains.ending == .open && remains.bytes.count >= 16 << 20)
                #expect(remains.text.hasPrefix("HTTP/1.1 200 OK\r\n") && remains.text.contains("\r\n[\r\n"))
                let before = try residentBytes()
                try await Task.sleep(for: .seconds(2))
                // Without waiting for the client it would write gigabytes meanwhile.
                #expect(try residentBytes() - before < 200 << 20)
                #expect(try await faulty.get("/-/crons").status == 200)
                withExtendedLifetime(connection) {}
            }
            try await expectWork(true, charon)
        }
    }

    @Test("an answer that promises to keep the connection, which is closed right behind it")
    func closeIdle() async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("close-idle") { faulty in
                let remains = try await start(faulty)
                #expect(remains.ending == .closed)
                let reply = try #require(remains.reply)
                #expect(reply.status == 200 && reply.id == 1_000_001 && reply.headers["connection"] == "keep-alive")
            }
            try await expectWork(true, charon)
        }
    }

    @Test("other calls and the read API are as without the fault")
    func restriction() async throws {
        try await Fixture.with { charon in
            try await charon.withFaults("status-500@message", "reset@end", "silence:0") { faulty in
                #expect(try await faulty.get("/backup/can-start").status == 200)
                let id = try await faulty.start()
                #expect(try await faulty.post("/\(id)/message", ["message": "m", "type": "info"]).status == 500)
                let end = try await Connection(port: faulty.server.port).remains(
                    "POST", "/api/\(id)/end", headers: charon.headers(), body: Array("{}".utf8))
                #expect(end.ending == .reset)
                #expect(try await faulty.execution(id)["messages"] == [])
                #expect(try await faulty.get("/nothing").status == 404)
            }
            try await charon.withFaults("status-503") { faulty in
                for path in ["/-/crons", "/-/executions", "/-/executions/1000001", "/-/messages"] {
                    #expect(try await faulty.get(path).status == 200)
                }
                let state = try await faulty.get("/backup/can-start")
                #expect(state.status == 503)
            }
        }
    }

    @Test("message and end: done or not, and the repetition under its key", arguments: ["before", "after"])
    func repetition(moment: String) async throws {
        try await Fixture.with { charon in
            let id = try await charon.start()
            let message: JSON = ["message": "m", "type": "info"]
            let end: JSON = ["type": "success", "success": true]
            try await charon.withFaults("reset-\(moment)") { faulty in
                for (call, body, key) in [("message", message, "1"), ("end", end, "2")] {
                    let remains = try await Connection(port: faulty.server.port).remains(
                        "POST", "/api/\(id)/\(call)", headers: charon.headers(idempotencyKey: key), body: body.bytes)
                    #expect(remains.ending == .reset && remains.bytes.isEmpty)
                }
            }
            let isDone = moment == "after"
            #expect(try await charon.execution(id)["messages"]?.array?.count == (isDone ? 1 : 0))
            #expect(try await charon.execution(id)["success"] == (isDone ? true : .null))
            #expect(try await charon.post("/\(id)/message", message, idempotencyKey: "1").id == 1_000_000_001)
            #expect(try await charon.post("/\(id)/end", end, idempotencyKey: "2").id == id)
            #expect(try await charon.execution(id)["messages"]?.array?.count == 1)
            #expect(try await charon.execution(id)["success"] == true)
        }
    }

    /// Asks for a start with the key `k` on a connection of its own, to whatever end.
    private func start(_ charon: Fixture, seconds: Int = 30) async throws -> Connection.Remains {
        try await Connection(port: charon.server.port).remains(
            "GET", "/api/backup/start", headers: charon.headers(idempotencyKey: "k"), seconds: seconds)
    }

    /// Whether the start with the key `k` is done; its repetition gets the first one's answer, or does it.
    private func expectWork(_ isDone: Bool, _ charon: Fixture) async throws {
        #expect(try await charon.executions == (isDone ? 1 : 0))
        let repetition = try await charon.get("/backup/start", idempotencyKey: "k")
        #expect(repetition.status == 200 && repetition.id == 1_000_001)
        #expect(try await charon.executions == 1)
    }

    /// This process's resident memory (proc(5), statm).
    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
    }
}
