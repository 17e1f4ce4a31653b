import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Probe: what Charon answers, and what is made of it")
struct DaemonProbeTests {
    private let root = Peer(uid: 0)

    private func probe(
        _ host: Host, _ name: String = "nightly", _ more: [JSON.Member] = [], peer: Peer = Peer(uid: 0)
    ) async throws -> VarlinkReply {
        let json = JSON.object([.init("slug", .string(name))] + more)
        return await host.daemon.probe(try Probe.Parameters(json, application: "default"), for: peer)
    }

    private let execute = [JSON.Member("execute", true)]

    @Test("It asks can-start only, and tells the request, the answer, its meaning and the rule")
    func asks() async throws {
        let host = try Host()
        let reply = try await probe(host)
        #expect(reply.error == nil)
        #expect(reply.parameters["application"] == "default" && reply.parameters["result"] == "yes")
        #expect(reply.parameters["cron_id"] == "nightly" && reply.parameters["cron_id_from"] == "slug")
        #expect(reply.parameters["execution"] == nil)
        let step = try #require(reply.parameters["steps"]?.array?.first)
        #expect(reply.parameters["steps"]?.array?.count == 1)
        #expect(step["call"] == "can-start")
        #expect(step["request"] == "GET https://charon.test/api/nightly/can-start")
        #expect(step["status"] == 200 && step["content_type"] == "application/json")
        #expect(step["body"] == #"{"active":true}"# && step["body_bytes"] == 15)
        #expect(step["understood"] == "yes" && step["rule"] == "field active")
        #expect(step["id"] == nil && step["reason"] == nil)
        #expect(step["duration_ms"]?.integer.map { $0 >= 0 } == true)
        #expect(host.charon.with { $0.requests.map(\.kind) } == [.canStart])
        #expect(try RunDirectory.all(state: host.state).isEmpty)
    }

    @Test("The cron's id is the given one, else the answer's, else the slug")
    func cronID() async throws {
        let host = try Host()
        host.charon.fail(.canStart, .instead(.json(200, ["id": 7, "active": true])))
        var reply = try await probe(host).parameters
        #expect(reply["cron_id"] == "7" && reply["cron_id_from"] == "answer")
        #expect(reply["steps"]?.array?.first?["rule"] == "field active, id by field id")
        host.charon.fail(.canStart, .instead(.json(200, ["id": 7, "active": true])))
        reply = try await probe(host, "nightly", [.init("cron_id", "12")]).parameters
        #expect(reply["cron_id"] == "12" && reply["cron_id_from"] == "given")
        host.charon.fail(.canStart, .instead(.json(500)))
        reply = try await probe(host).parameters
        #expect(reply["cron_id"] == nil && reply["cron_id_from"] == nil)
    }

    @Test("Each answer has its meaning, its result and its reason")
    func meanings() async throws {
        let page = Exchange.response(
            CharonResponse(status: 200, contentType: "text/html", body: Array("<html>login</html>".utf8)))
        let garbage = Exchange.response(CharonResponse(status: 200, body: Array("OK\u{1B}[2J".utf8)))
        let table: [(Exchange, understood: String, result: String, rule: String?, reason: String?)] = [
            (.json(200, ["active": false]), "no", "no", "field active", nil),
            (.json(200, false), "no", "no", "bare value", nil),
            (.json(404), "not registered", "no answer", "status 404", nil),
            (.json(401), "unauthorized", "no answer", "status 401", "check the application's key"),
            (page, "no answer", "no answer", nil, "HTML"), (garbage, "no answer", "no answer", nil, "no JSON"),
            (.json(200, ["state": "on"]), "no answer", "no answer", nil, "neither a state nor an id"),
            (.json(500), "no answer", "no answer", nil, "500"), (.refused, "no answer", "no answer", nil, "refused"),
        ]
        for (exchange, understood, result, rule, reason) in table {
            let host = try Host()
            host.charon.fail(.canStart, .instead(exchange))
            let reply = try await probe(host).parameters
            let step = try #require(reply["steps"]?.array?.first)
            #expect(step["understood"]?.string == understood, "\(exchange)")
            #expect(reply["result"]?.string == result, "\(exchange)")
            #expect(step["rule"]?.string == rule, "\(exchange)")
            #expect((step["reason"] == nil) == (reason == nil), "\(step)")
            if let reason { #expect(step["reason"]?.string?.contains(reason) == true, "\(step)") }
            if case .failure = exchange { #expect(step["status"] == nil && step["body"] == nil) }
        }
    }

    @Test("At most 512 bytes of a body are shown, its control characters escaped, and its size")
    func body() async throws {
        let host = try Host()
        let text = "\u{1B}[31m\r\n" + String(repeating: "é", count: 400)
        host.charon.fail(
            .canStart, .instead(.response(CharonResponse(status: 502, contentType: "a/b\u{7}", body: Array(text.utf8))))
        )
        let step = try #require(try await probe(host).parameters["steps"]?.array?.first)
        let body = try #require(step["body"]?.string)
        #expect(body.hasPrefix("\\u{1b}[31m\\u{d}\né"))
        #expect(body.count(where: { $0 == "é" }) == 252)
        #expect(!body.contains("\u{FFFD}"))
        #expect(step["body_bytes"] == 807 && step["content_type"] == "a/b\\u{7}")
    }

    @Test("With execute it goes through all four calls, each with its own key")
    func executes() async throws {
        let host = try Host()
        host.charon.fail(.canStart, .instead(.json(200, ["id": "nightly", "active": true])))
        let reply = try await probe(host, "nightly", execute).parameters
        let steps = try #require(reply["steps"]?.array)
        #expect(steps.map { $0["call"]?.string } == ["can-start", "start", "message", "end"])
        #expect(steps.map { $0["understood"]?.string } == ["yes", "started", "accepted", "accepted"])
        #expect(steps[1]["id"] == "e1" && steps[1]["rule"] == "field id")
        #expect(reply["result"] == "yes" && reply["execution"] == "e1")
        let execution = try #require(host.charon.executions.first)
        #expect(host.charon.executions.count == 1)
        #expect(execution.messages == [.init(type: "info", text: "charonctl probe")])
        #expect(execution.ends == [.init(type: "success", text: "charonctl probe", success: true)])
        let keys = host.charon.with { $0.requests.compactMap(\.idempotencyKey) }
        #expect(keys.count == 3 && Set(keys).count == 3)
        #expect(Set(keys.map { $0.prefix(31) }).count == 1)
    }

    @Test("A call that fails is the last one", arguments: [CharonCall.Kind.canStart, .start, .message, .end])
    func stops(kind: CharonCall.Kind) async throws {
        let host = try Host()
        host.charon.fail(kind, .instead(.json(500)))
        let reply = try await probe(host, "nightly", execute).parameters
        let steps = try #require(reply["steps"]?.array)
        #expect(steps.last?["call"]?.string == kind.rawValue)
        #expect(steps.last?["understood"] == "no answer")
        #expect(reply["result"] == "no answer")
        let hasStarted = kind == .message || kind == .end
        #expect(reply["execution"]?.string == (hasStarted ? "e1" : nil))
        #expect(host.charon.executions.count == (hasStarted ? 1 : 0))
    }

    @Test("A start that is refused is a no; one that got no answer may have made an execution")
    func starts() async throws {
        let host = try Host()
        host.charon.fail(.start, .instead(.json(418)), .afterwards(.lost))
        var reply = try await probe(host, "nightly", execute).parameters
        #expect(reply["result"] == "no")
        #expect(reply["steps"]?.array?.last?["rule"] == "status 418")
        reply = try await probe(host, "nightly", execute).parameters
        let last = try #require(reply["steps"]?.array?.last)
        #expect(last["understood"] == "no answer")
        #expect(last["reason"]?.string?.contains("there may be an execution now") == true)
        #expect(reply["execution"] == nil)
    }

    @Test("An open breaker does not keep a probe, and takes note of what comes back")
    func breaker() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        for _ in 0..<Timing.breakerFailures { _ = try await probe(host) }
        func condition() async -> JSON? {
            await host.daemon.status(for: root).parameters["applications"]?.array?.first?["breaker"]
        }
        #expect(await condition() == "open")
        #expect(try await probe(host).parameters["result"] == "no answer")
        host.charon.with { $0.outage = nil }
        #expect(try await probe(host).parameters["result"] == "yes")
        #expect(await condition() == "closed")
    }
}
