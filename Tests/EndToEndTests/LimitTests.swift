import CharonCore
import Testing

/// The limits of charon.yaml: how much of a run goes to Charon, how fast, and over how many connections.
@Suite(.serialized)
struct LimitTests {
    private func startDaemon(_ site: Site, application: String = "", _ more: String = "") async throws {
        let file = "\(site.path)/charon.yaml"
        let text = """
            applications:
              default: {url: "\(site.url)", key_file: \(site.keyFile)\(application)}
            \(more)

            """
        try write(text, to: file, mode: 0o644)
        try await site.startDaemon(["--config", file])
    }

    @Test func aRunsFirstAndLastLinesAreSentEachAsAMessage() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try await startDaemon(
                site, "delivery: {messages_per_second: 1000, burst: 1, joined_bytes: 0, max_messages: 10}")
            #expect(try await site.run("job", script: "seq 30").exitCode == 0)
            let execution = try await site.ended("job")
            #expect(execution.messages.map(\.text) == (Array(1...5) + Array(26...30)).map { "\($0)" })
            #expect(execution.message.contains("; 20 of these lines were not sent"), "\(execution.message)")
        }
    }

    @Test func theBytesOfARunAreCapped() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try await startDaemon(site, "delivery: {max_bytes: 262144}")
            let line = String(repeating: "x", count: 999)
            let script = "for n in $(seq 500); do echo \(line); done"
            #expect(try await site.run("job", script: script).exitCode == 0)
            let execution = try await site.ended("job")
            let bytes = execution.messages.map(\.text.utf8.count).reduce(0, +)
            #expect(bytes <= 262_144 && bytes > 200_000, "\(bytes)")
        }
    }

    /// A lower bound only: however slow the machine, the budget is kept to.
    @Test(arguments: [false, true])
    func messagesAreNoFasterThanTheBudgetOfTheirRunAndOfTheirApplication(isApplications: Bool) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let budget = "messages_per_second: 2, burst: 1"
            try await startDaemon(
                site, application: isApplications ? ", \(budget)" : "",
                "delivery: {joined_bytes: 0\(isApplications ? "" : ", \(budget)")}")
            #expect(try await site.run("job", script: "seq 4").exitCode == 0)
            let times = try await site.ended("job").messages.compactMap { Instant(rfc3339: $0.receivedAt.utf8) }
            try #require(times.count == 4)
            #expect(times[3].seconds(since: times[0]) > 1.4)
        }
    }

    @Test func messagesUseHalfOfTheConnectionsButOne() async throws {
        let stub = try StubServer { request in request.call == "message" ? .silence : StubServer.usual(request) }
        defer { stub.stop() }
        try await Site.with { site in
            try await site.register(["job"])
            site.url = stub.url
            try await startDaemon(site, application: ", connections: 12")
            let lines = try (0..<8).map { _ in try site.start("--overlap=allow", "job", command: ["echo", "line"]) }
            for line in lines { try await line.exitCode() }
            // The usual eight would let three go.
            try await eventually("five messages under way: \(stub.calls)") {
                stub.calls.count { $0 == "message" } == 5
            }
        }
    }
}
