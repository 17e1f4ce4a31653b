import CharonCore
import Glibc
import Testing

/// The gate while Charon gives no answer, or an odd one.
@Suite(.serialized)
struct GateTests {
    enum Fault: String, CaseIterable {
        case refused, silent
    }

    private struct Case {
        let slug: String
        var words: [String] = []
        let runs: Bool
    }

    /// Without an answer the line's policy decides, by default Charon's last answer, which outlives the daemon; what
    /// has run is reported when Charon is back.
    @Test(arguments: Fault.allCases)
    func withoutAnAnswerThePolicyDecides(fault: Fault) async throws {
        try await Site.running("yes", "no", "old", "never-asked", "run-no", "skip-yes") { site in
            for slug in ["no", "old", "run-no"] { try await site.administer("cron", "off", slug) }
            for slug in ["yes", "no", "old", "run-no", "skip-yes"] {
                #expect(try await site.run(slug, script: "exit 0").exitCode == 0)
            }
            for slug in ["yes", "skip-yes"] { _ = try await site.ended(slug) }
            let memory = "\(site.state)/gate/_default"
            #expect(text(of: "\(memory)/no").hasPrefix("v1 no "))
            try await site.stopDaemon()
            // An answer counts for seven days.
            let tooOld = Int64(Instant.now().nanoseconds / 1_000_000_000) - 8 * 86_400
            try write("v1 no \(tooOld)\n", to: "\(memory)/old")
            try await site.startDaemon()
            switch fault {
            case .refused: try await site.stopServer()
            case .silent: site.server?.send(SIGSTOP)
            }

            let cases = [
                Case(slug: "yes", runs: true), Case(slug: "no", runs: false), Case(slug: "old", runs: true),
                Case(slug: "never-asked", runs: true),
                Case(slug: "run-no", words: ["--when-unreachable", "run"], runs: true),
                Case(slug: "skip-yes", words: ["--when-unreachable=skip"], runs: false),
            ]
            let before = Instant.now()
            let lines = try cases.map { one in
                try Spawned(
                    [Programs.run] + one.words + [one.slug, "--", "sh", "-c", "echo 1; echo 2 >&2; echo 3; exit 9"],
                    in: site.path, environment: site.environment)
            }
            for (one, line) in zip(cases, lines) {
                #expect(try await line.exitCode() == (one.runs ? 9 : 0), "\(one.slug)")
                #expect(line.standardOutput == (one.runs ? "1\n3\n" : ""), "\(one.slug)")
                #expect(line.complaints == (one.runs ? ["2"] : []), "\(one.slug)")
            }
            let after = Instant.now()

            // The cron that was switched off is switched on meanwhile: reports ask again.
            try await site.administer("cron", "on", "old")
            switch fault {
            case .refused: try await site.serve()
            case .silent: site.server?.send(SIGCONT)
            }
            for (slug, count) in [("yes", 2), ("never-asked", 1), ("old", 1)] {
                let late = try #require(try await site.ended(slug, count: count, within: 90).last)
                #expect(late.success == false && late.message.contains("exited with code 9"))
                #expect(late.messages.first?.text.contains("its start is reported late") == true)
                #expect(late.lines.suffix(3).sorted() == ["1", "2", "3"])
                #expect(late.lines.filter { $0 != "2" }.suffix(2) == ["1", "3"])
                let times = late.message.split(separator: " ").flatMap { $0.split(separator: ";") }
                    .compactMap { Instant(rfc3339: $0.prefix { $0 != "\n" }.utf8) }
                #expect(times.count == 2, "\(late.message)")
                #expect(times.allSatisfy { before <= $0 && $0 <= after }, "\(late.message)")
            }
            let refused = try await eventually("the refusal of run-no", within: 90) {
                let delivery = try site.records(of: "run-no").first.map { try site.json("\($0)/delivery.json") }
                return delivery?["start"]?["state"]?.string == "refused" ? delivery : nil
            }
            #expect(refused["start"]?["reason"]?.string?.contains("ran, refused later") == true)
            for slug in ["run-no", "no"] { #expect(try await site.executions(of: slug).isEmpty) }
            #expect(try await site.executions(of: "skip-yes").count == 1)
        }
    }

    /// What can-start's answer says.
    private enum Meaning {
        case yes, no, notRegistered
        /// It is no answer, so the line's policy decides.
        case nothing
    }

    @Test func onlyCharonsOwnAnswersCount() async throws {
        let html = "Content-Type: text/html\r\n"
        let answers: [(name: String, answer: StubServer.Answer, meaning: Meaning)] = [
            ("500", .reply(500, "{}"), .nothing), ("503", .reply(503, "busy", headers: html), .nothing),
            ("408", .reply(408, ""), .nothing), ("429", .reply(429, "{}", headers: "Retry-After: 3600\r\n"), .nothing),
            ("403", .reply(403, "{}"), .nothing), ("page", .reply(200, "<html>active</html>", headers: html), .nothing),
            ("unreadable", .reply(200, #"{"active": "perhaps"}"#), .nothing), ("empty", .reply(200, ""), .no),
            ("proxy's 404", .reply(404, "<html>not here</html>", headers: html), .nothing),
            ("closed", .close, .nothing), ("302", .reply(302, "", headers: "Location: /login\r\n"), .nothing),
            ("404", .reply(404, #"{"error": "no such cron"}"#), .notRegistered),
            ("bare 404", .reply(404, "", headers: ""), .notRegistered),
            ("yes", .reply(200, #"{"id": 7, "active": true}"#), .yes),
            ("no", .reply(200, #"{"id": 7, "active": false}"#), .no),
        ]
        try await Site.with { site in
            let stub = try StubServer(StubServer.usual)
            defer { stub.stop() }
            site.url = stub.url
            try write("key-of-the-stub\n", to: site.keyFile)
            for (index, one) in answers.enumerated() {
                stub.change { $0.call == "can-start" ? one.answer : StubServer.usual($0) }
                // A daemon of its own for each, whose breaker is closed.
                try await site.startDaemon(["--state", "\(site.path)/state-\(index)"])
                let asked = stub.calls.count
                for policy in ["skip", "run"] {
                    let runs =
                        switch one.meaning {
                        case .yes, .notRegistered: true
                        case .no: false
                        case .nothing: policy == "run"
                        }
                    let line = try await site.run(
                        "--when-unreachable", policy, "job", command: ["sh", "-c", "echo ran; exit 12"])
                    #expect(line.exitCode == (runs ? 12 : 0), "\(one.name), \(policy): \(line.error)")
                    #expect(line.output == (runs ? "ran\n" : ""), "\(one.name), \(policy)")
                }
                #expect(stub.calls.dropFirst(asked).first == "can-start", "\(one.name)")
                try await site.stopDaemon()
            }
        }
    }

    private func uncertain(
        _ site: Site, settings: String, _ fault: StubServer.Answer = .close,
        _ body: (StubServer) async throws -> Void
    ) async throws {
        let stub = try StubServer { request in
            request.call == "start" && request.number == 2 ? fault : StubServer.usual(request)
        }
        defer { stub.stop() }
        try write("key-of-the-stub\n", to: site.keyFile)
        try write(
            "applications: {default: {url: \"\(stub.url)\", key_file: \(site.keyFile)}}\n\(settings)",
            to: "\(site.path)/charon.yaml")
        try await site.startDaemon(["--config", "\(site.path)/charon.yaml"])
        let line = try await site.run("job", script: "echo one; sleep 0.2; exit 5")
        #expect(line.exitCode == 5)
        #expect(line.output == "one\n")
        try await body(stub)
    }

    enum Loss: CaseIterable {
        case closed, silent

        var answer: StubServer.Answer {
            switch self {
            case .closed: .close
            case .silent: .silence
            }
        }
    }

    /// A silent start keeps its line waiting for the ten seconds that it has, and not for longer.
    @Test(arguments: Loss.allCases)
    func aStartWithoutAnAnswerIsRepeatedAndTheFirstMessageSaysSo(loss: Loss) async throws {
        try await Site.with { site in
            try await uncertain(site, settings: "", loss.answer) { stub in
                try await eventually("the end") { stub.calls.contains("end") }
                let requests = stub.requests
                #expect(
                    requests.map(\.call) == ["can-start", "start", "can-start", "start", "message", "message", "end"])
                let starts = requests.filter { $0.call == "start" }.compactMap { $0.headers["idempotency-key"] }
                #expect(starts.count == 2 && Set(starts).count == 1)
                let notice = requests[4].json["message"]?.string ?? ""
                #expect(notice.contains("an earlier start was written and not answered"))
                #expect(requests[5].json["message"]?.string == "one")
                #expect(requests[6].json["success"]?.bool == false)
            }
        }
    }

    @Test func withThePolicyNeverNothingMoreIsSent() async throws {
        try await Site.with { site in
            try await uncertain(site, settings: "uncertain_start: never\n") { stub in
                let delivery = try await eventually("the delivery's end") {
                    let delivery = try site.records(of: "job").first.map { try site.json("\($0)/delivery.json") }
                    return delivery?["start"]?["state"]?.string == "refused" ? delivery : nil
                }
                #expect(delivery["start"]?["reason"]?.string?.contains("policy never") == true)
                try await eventually("the run's end") {
                    site.records(of: "job").first.map { access("\($0)/exit.json", F_OK) == 0 } ?? false
                }
                try await site.stopDaemon(SIGTERM)
                #expect(stub.calls == ["can-start", "start"])
            }
        }
    }
}
