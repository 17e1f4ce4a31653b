import CharonCore
import Glibc
import Testing

/// `charonctl probe` against a Charon that answers as it should, and against whatever else may stand there.
@Suite(.serialized)
struct CharonctlProbeTests {
    @Test func charonsAnswersAreTheExitStatus() async throws {
        try await Site.running("job", "off") { site in
            try await site.administer("cron", "off", "off")
            let yes = try await site.control("probe", "job")
            #expect(yes.exitCode == 0 && yes.error == "", "\(yes.error)")
            #expect(
                yes.output.hasPrefix("GET \(site.url)/job/can-start\n  status 200, application/json"), "\(yes.output)")
            #expect(yes.output.contains("\n  | {") && yes.output.contains("(by: field "))
            #expect(yes.output.contains("\nresult: yes\n") && yes.output.contains("(from the answer)"))
            let no = try await site.control("probe", "off")
            #expect(no.exitCode == 2 && no.output.contains("\nresult: no\n"), "\(no.output)")
            let unknown = try await site.control("probe", "unknown")
            #expect(unknown.exitCode == 3 && unknown.output.contains("not registered"), "\(unknown.output)")
            let other = try await site.control("probe", "job", "--application", "shop")
            #expect(other.exitCode == 1 && other.error.contains("no application shop"), "\(other.error)")
            for slug in ["job", "off"] { #expect(try await site.executions(of: slug).isEmpty) }
        }
    }

    @Test func executeGoesThroughAllFourCallsAndSaysSoFirst() async throws {
        try await Site.running("job") { site in
            let refused = try await site.control("probe", "job", "--execute")
            #expect(refused.exitCode == EX_USAGE && refused.output == "")
            #expect(refused.error.contains("creates an execution of job") && refused.error.contains("--yes"))
            #expect(try await site.executions(of: "job").isEmpty)

            let line = try await site.control("probe", "job", "--execute", "--yes", "--json")
            #expect(line.exitCode == 0 && line.error.contains("creates an execution of job"))
            let reply = try line.json()
            #expect(
                reply["steps"]?.array?.map { $0["understood"]?.string } == ["yes", "started", "accepted", "accepted"])
            let execution = try await site.ended("job")
            #expect(execution.success == true && execution.message == "charonctl probe")
            #expect(execution.lines == ["charonctl probe"])
            #expect(reply["execution"]?.string == "\(execution.id)")
            #expect(site.daemonLog.contains("probe executed"))
            #expect(site.records(of: "job").isEmpty)
        }
    }

    @Test(arguments: [("n", 1, 0), ("y", 0, 1)])
    func onATerminalItAsks(answer: String, code: Int32, executions: Int) async throws {
        try await Site.running("job") { site in
            try write("\(answer)\n", to: "\(site.path)/answer")
            let words = "\(Programs.control) probe job --execute --socket \(site.socket)"
            let line = try Spawned(
                ["script", "--quiet", "--return", "--command", words, "/dev/null"], in: site.path,
                environment: ["TERM": "xterm", "CHARON_TEST_SITE": site.path], input: "\(site.path)/answer")
            #expect(try await line.exitCode() == code, "\(line.standardOutput)")
            #expect(line.standardOutput.contains("[y/N]"))
            #expect(try await site.executions(of: "job").count == executions)
            // Colours are for terminals.
            #expect(line.standardOutput.contains("\u{1B}[") == (executions > 0))
            #expect(try await !site.control("probe", "job").output.contains("\u{1B}"))
        }
    }

    private static let html = "Content-Type: text/html; charset=UTF-8\r\n"

    @Test func whateverComesBackIsShownAndExplained() async throws {
        let answers: [(name: String, StubServer.Answer, code: Int32, [String])] = [
            (
                "page", .reply(200, "<html>\u{1B}[31mlogin</html>", headers: Self.html), 3,
                ["status 200, text/html; charset=UTF-8", "  | <html>\\u{1b}[31mlogin</html>", "it is HTML"]
            ),
            ("garbage", .reply(200, "maybe?"), 3, ["  | maybe?", "it is no JSON"]),
            ("unknown words", .reply(200, #"{"state": "perhaps"}"#), 3, ["neither a state nor an id", "JSON pointer"]),
            ("404", .reply(404, #"{"error": "no cron"}"#), 3, ["not registered (by: status 404)"]),
            ("proxy's 404", .reply(404, "<h1>404</h1>", headers: Self.html), 3, ["status 404", "no answer"]),
            ("401", .reply(401, "{}"), 3, ["unauthorized", "check the application's key"]),
            ("500", .reply(500, ""), 3, ["status 500", "an empty body"]),
            ("closed", .close, 3, ["no answer", "closed"]),
            ("silence", .silence, 3, ["no complete answer within 5 s"]),
            ("id only", .reply(200, #"{"id": 9}"#), 0, ["cron id: 9"]),
            ("bare false", .reply(200, "false"), 2, ["(by: bare value)", "the slug in its place"]),
        ]
        try await Site.with { site in
            let stub = try StubServer(StubServer.usual)
            defer { stub.stop() }
            site.url = stub.url
            let key = "key-of-the-stub-0123456789"
            try write("\(key)\n", to: site.keyFile)
            try await site.startDaemon()
            for (name, answer, code, words) in answers {
                stub.change { _ in answer }
                let line = try await site.control("probe", "job")
                #expect(line.exitCode == code, "\(name): \(line.output)\(line.error)")
                for word in words { #expect(line.output.contains(word), "\(name): \(line.output)") }
                #expect(!line.output.contains("\u{1B}"))
            }
            // A Charon that quotes the key, in its answer and as an id.
            stub.change { _ in .reply(200, #"{"active": true, "id": "\#(key)", "key": "\#(key)"}"#) }
            for words in [
                ["probe", "job"], ["probe", "job", "--json"], ["status"], ["outbox"], ["status", "--json"],
            ] {
                let line = try await site.control(words)
                #expect(line.exitCode == 0, "\(words): \(line.error)")
                #expect(!(line.output + line.error).contains(key), "\(words)")
                if words.contains("--json") { _ = try line.json() }
            }
            #expect(stub.requests.allSatisfy { $0.headers["x-api-key"] == key })
            #expect(stub.calls.allSatisfy { $0 == "can-start" })
        }
    }

    @Test func aProbeThatFailsInTheMiddleTellsWhatIsLeft() async throws {
        try await Site.with { site in
            let stub = try StubServer { $0.call == "message" ? .reply(500, "{}") : StubServer.usual($0) }
            defer { stub.stop() }
            site.url = stub.url
            try write("key-of-the-stub\n", to: site.keyFile)
            try await site.startDaemon()
            let line = try await site.control("probe", "job", "--execute", "--yes")
            #expect(line.exitCode == 3)
            #expect(line.output.contains("the execution 4711 was started and not ended"), "\(line.output)")
            #expect(stub.calls == ["can-start", "start", "message"])
        }
    }
}
