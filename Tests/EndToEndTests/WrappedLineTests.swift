import CharonCore
import Glibc
import Testing

/// A wrapped line with everything in its place: gated, recorded, reported, passed through.
@Suite(.serialized)
struct WrappedLineTests {
    @Test func aSuccessIsAnExecutionWithItsLines() async throws {
        try await Site.running("report") { site in
            let line = try await site.run("report", script: "echo one; echo two; sleep 0.3; echo oops >&2")
            #expect(line.exitCode == 0)
            #expect(line.output == "one\ntwo\n")
            #expect(line.error == "oops\n")
            let execution = try await site.ended("report")
            #expect(execution.success == true)
            #expect(execution.type == "success")
            #expect(execution.lines == ["one", "two", "oops"])
            #expect(execution.message.contains("exited with code 0"))
            #expect(execution.message.contains("2 lines on stdout, 1 on stderr"))
        }
    }

    @Test func aFailureEndsAsAnErrorWithTheLastLinesOfStderr() async throws {
        try await Site.running("report") { site in
            let line = try await site.run(
                "report", script: "for n in 1 2 3 4 5 6 7; do echo problem $n >&2; done; echo bye; exit 3")
            #expect(line.exitCode == 3)
            let execution = try await site.ended("report")
            #expect(execution.success == false)
            #expect(execution.type == "error")
            #expect(execution.message.contains("exited with code 3"))
            #expect(execution.message.hasSuffix("problem 3\nproblem 4\nproblem 5\nproblem 6\nproblem 7"))
        }
    }

    @Test func theExitCodeIsTheCommandsAndSuccessIsWhatTheListSays() async throws {
        try await Site.running("table") { site in
            let cases: [(options: [String], command: [String], code: Int32, success: Bool)] = [
                ([], ["false"], 1, false),
                (["--success-codes", "0,3,10-12"], ["sh", "-c", "exit 11"], 11, true),
                (["--success-codes=3"], ["true"], 0, false),
                ([], ["sh", "-c", "exit 255"], 255, false),
                ([], ["sh", "-c", "kill -USR2 $$"], 128 + SIGUSR2, false),
                (["--success-codes", "0-255"], ["sh", "-c", "kill -TERM $$"], 128 + SIGTERM, false),
                ([], ["/no/such/program"], 127, false),
                ([], ["/etc"], 126, false),
            ]
            for (index, one) in cases.enumerated() {
                let arguments = [Programs.run] + one.options + ["table", "--"] + one.command
                let line = try Spawned(arguments, in: site.path, environment: site.environment)
                #expect(try await line.exitCode() == one.code, "\(one.command)")
                let execution = try #require(try await site.ended("table", count: index + 1).last)
                #expect(execution.success == one.success, "\(one.options) \(one.command)")
                #expect(execution.type == (one.success ? "success" : "error"))
            }
            #expect(try await site.executions(of: "table").last?.message.contains("could not start") == true)
        }
    }

    @Test func aTimeoutEndsTheCommandWith124AndSaysSo() async throws {
        try await Site.running("slow") { site in
            let line = try await site.run(
                "--timeout", "1s", "--stop-grace", "500ms", "slow",
                command: ["sh", "-c", "trap '' TERM; echo working; while :; do sleep 0.1; done"])
            #expect(line.exitCode == 124)
            #expect(line.output == "working\n")
            let execution = try await site.ended("slow")
            #expect(execution.success == false)
            #expect(execution.message.contains("timeout of 1 s"))
        }
    }

    @Test func aCronThatIsSwitchedOffDoesNotRun() async throws {
        try await Site.running("paused") { site in
            try await site.administer("cron", "off", "paused")
            let line = try await site.run("paused", command: ["touch", site.mark("ran")])
            #expect(line.exitCode == 0)
            #expect(line.output == "" && line.error == "")
            #expect(!site.hasMark("ran"))
            #expect(try await site.executions(of: "paused").isEmpty)
            #expect(site.daemonLog.contains("skipped application=default reason=off"))
            #expect(text(of: "\(site.state)/history.jsonl").contains(#""outcome":{"kind":"skipped","reason":"off"}"#))
            #expect(site.records(of: "paused").isEmpty)
        }
    }

    @Test func aCronThatIsNotRegisteredRunsAndIsAnErrorInTheLog() async throws {
        try await Site.running { site in
            let line = try await site.run("unknown", script: "echo it runs; exit 4")
            #expect(line.exitCode == 4)
            #expect(line.output == "it runs\n")
            let event = try #require(
                site.daemonLog.split(separator: "\n").first { $0.contains("not registered on Charon") })
            #expect(event.contains(" error: ") && event.contains("slug=unknown"))
        }
    }

    @Test func aStartThatIsRefusedIsFinalWhateverCanStartSaid() async throws {
        try await Site.with { site in
            let stub = try StubServer { $0.call == "start" ? .reply(418, "{}") : StubServer.usual($0) }
            defer { stub.stop() }
            site.url = stub.url
            try write("key-of-the-stub\n", to: site.keyFile)
            try await site.startDaemon()
            let line = try await site.run("job", command: ["touch", site.mark("ran")])
            #expect(line.exitCode == 0)
            #expect(!site.hasMark("ran"))
            #expect(stub.calls == ["can-start", "start"])
        }
    }

    @Test func quietRecordsAndReportsButPassesNothingOn() async throws {
        try await Site.running("quiet") { site in
            let line = try await site.run("--quiet", "quiet", command: ["sh", "-c", "echo out; echo err >&2; exit 2"])
            #expect(line.exitCode == 2)
            #expect(line.output == "" && line.error == "")
            let execution = try await site.ended("quiet")
            #expect(Set(execution.lines) == ["out", "err"])
        }
    }

    @Test func standardInputIsTheCallers() async throws {
        try await Site.running("filter") { site in
            try write("first\nsecond\n", to: "\(site.path)/input")
            let line = try await site.run("filter", command: ["rev"], input: "\(site.path)/input")
            #expect(line.output == "tsrif\ndnoces\n")
            #expect(line.exitCode == 0)
        }
    }

    /// The job writes the time with each line and sleeps on; the server notes when a message arrives.
    @Test func aLineIsOnTheServerWithinASecondWhileTheJobSleepsOn() async throws {
        try await Site.running("stream") { site in
            let line = try site.start(
                "stream",
                command: ["sh", "-c", "for n in 1 2 3 4 5; do date -u +%FT%T.%N; sleep 0.7; done; sleep 30"])
            defer { line.send(SIGTERM) }
            try await eventually("five messages of a job that runs") {
                try await site.executions(of: "stream").first?.messages.count == 5
            }
            let execution = try #require(try await site.executions(of: "stream").first)
            #expect(execution.endedAt == nil)
            let delays = try execution.messages.map { message in
                let written = try #require(Instant(rfc3339: (message.text + "Z").utf8))
                let received = try #require(Instant(rfc3339: message.receivedAt.utf8))
                return received.seconds(since: written)
            }
            #expect(delays.allSatisfy { $0 <= 1 }, "\(delays)")
        }
    }

    @Test func theCommandHasTheCallersDescriptorLimitAndNotTheDaemons() async throws {
        try await Site.running("limit") { site in
            for limit in ["77:77", "600:4096"] {
                let line = try await site.run(
                    "limit", command: ["sh", "-c", "ulimit -Sn; ulimit -Hn"], prefix: ["prlimit", "--nofile=\(limit)"])
                #expect(line.output == limit.replacing(":", with: "\n") + "\n")
            }
        }
    }
}
