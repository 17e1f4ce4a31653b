import CharonCore
import Glibc
import Testing

/// The rungs of the ladder that have a daemon of the host.
@Suite(.serialized)
struct LadderTests {
    @Test(arguments: someUsers)
    func aSilentDaemonLeavesTheDecisionToThePolicyAndGetsTheRecordLater(uid: Int?) async throws {
        try await Site.running("first", "second") { site in
            if let uid { try await site.give("\(site.path)/home", to: uid) }
            site.daemon?.send(SIGSTOP)
            let line = try await site.run("first", script: "echo alone; echo err >&2; exit 3", uid: uid)
            #expect(line.exitCode == 3)
            #expect(line.output == "alone\n")
            #expect(line.complaints == ["charon-run: charond does not answer; first runs and is reported later"])
            let local = "\(site.path)/home/.local/state/charon/handover"
            let record = try #require(site.records(of: "first", state: local).first)
            #expect(text(of: "\(record)/output.log").contains(" stdout F alone\n"))
            #expect(try await site.executions(of: "first").isEmpty)

            site.daemon?.send(SIGCONT)
            #expect(try await site.run("second", script: "exit 0", uid: uid).exitCode == 0)
            let late = try await site.ended("first")
            #expect(late.success == false)
            #expect(late.message.contains("exited with code 3") && late.message.contains("reported late"))
            #expect(late.messages.first?.text.contains("its start is reported late") == true)
            #expect(Array(late.lines.suffix(2)) == ["alone", "err"])
            #expect(try await site.ended("second").success == true)
            #expect(site.records(of: "first", state: local).isEmpty)
            #expect(site.records(of: "first").count == 1)
        }
    }

    @Test func aSilentDaemonsLastAnswersAndTheLinesOwnPolicyDecide() async throws {
        try await Site.running("yes", "no", "unknown") { site in
            try await site.administer("cron", "off", "no")
            for slug in ["yes", "no"] { #expect(try await site.run(slug, script: "exit 0").exitCode == 0) }
            site.daemon?.send(SIGSTOP)
            let cases: [(words: [String], runs: Bool)] = [
                (["yes"], true), (["no"], false), (["unknown"], true),
                (["--when-unreachable", "run", "no"], true), (["--when-unreachable", "skip", "yes"], false),
            ]
            let lines = try cases.enumerated().map { index, one in
                try Spawned(
                    [Programs.run] + one.words + ["--", "sh", "-c", "touch \(site.mark("\(index)")); exit 8"],
                    in: site.path, environment: ["CHARON_SOCKET": site.socket, "HOME": "\(site.path)/home"])
            }
            for (index, one) in cases.enumerated() {
                #expect(try await lines[index].exitCode() == (one.runs ? 8 : 0), "\(one.words)")
                #expect(site.hasMark("\(index)") == one.runs, "\(one.words)")
                #expect(lines[index].complaints.count == 1, "\(lines[index].complaints)")
            }
        }
    }

    @Test func aDaemonThatIsBackWithinSecondsIsWaitedFor() async throws {
        try await Site.running("job") { site in
            try await site.stopDaemon()
            let line = try site.start("job", command: ["sh", "-c", "echo hello; exit 2"])
            try await site.startDaemon()
            #expect(try await line.exitCode() == 2)
            #expect(line.standardError == "")
            let execution = try await site.ended("job")
            #expect(execution.lines == ["hello"])
            #expect(!execution.message.contains("late"))
        }
    }

    @Test func withoutADaemonAndWithoutAnAddressOneLineSaysSoAndTheCommandRuns() async throws {
        try await Site.with { site in
            let line = try await site.run("job", script: "echo out; exit 7")
            #expect(line.exitCode == 7)
            #expect(line.output == "out\n")
            #expect(line.complaints.count == 1, "\(line.error)")
            #expect(line.error.contains("no charond") && line.error.contains("reported later"))
        }
    }

    @Test func fiftyLinesAtOnceAreFiftyExecutions() async throws {
        try await Site.running("burst") { site in
            let lines = try (0..<50).map { number in
                try site.start("burst", command: ["sh", "-c", "echo line \(number); exit \(number)"])
            }
            for (number, line) in lines.enumerated() {
                #expect(try await line.exitCode() == Int32(number))
                #expect(line.standardError == "")
            }
            let executions = try await site.ended("burst", count: 50)
            #expect(Set(executions.flatMap(\.lines)) == Set((0..<50).map { "line \($0)" }))
            #expect(executions.allSatisfy { $0.messages.count == 1 })
            #expect(executions.count { $0.success == true } == 1)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "not root"))
    func aFullStateDirectoryLetsTheCommandRunWithoutARecord() async throws {
        try await Site.with { site in
            try await site.mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", at: "\(site.path)/state")
            try await site.serve(["job"])
            try await site.startDaemon()
            let filling = try Spawned(["sh", "-c", "cat /dev/zero >\(site.state)/ballast"], in: site.path)
            #expect(try await filling.exitCode() != 0)
            try #require(filling.standardError.contains("No space left"))
            let line = try await site.run("job", script: "echo out; exit 9")
            #expect(line.exitCode == 9)
            #expect(line.output == "out\n")
            #expect(line.complaints.count == 1 && line.error.contains("runs without a record"), "\(line.error)")
        }
    }
}
