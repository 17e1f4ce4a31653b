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
            try await eventually("the local record to go") {
                if site.records(of: "first", state: local).isEmpty { return true }
                // A busy daemon's reply may have come too late: then it is the next line's business.
                _ = try await site.run("second", script: "exit 0", uid: uid)
                return false
            }
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

    /// What charon.yaml says holds for the lines that say nothing, while the daemon is silent too.
    @Test func aSilentDaemonsConfigurationDecides() async throws {
        try await Site.with { site in
            try await site.serve(["yes", "no"])
            try await site.administer("cron", "off", "no")
            let application = "applications: {default: {url: \"\(site.url)\", key_file: \(site.keyFile)}}\n"
            let config = "\(site.path)/charon.yaml"
            try write(application + "off_exit_code: 75\n", to: config)
            try await site.startDaemon(["--config", config])
            for _ in 0..<2 {
                #expect(try await site.run("no", script: "exit 8").exitCode == 75)
                #expect(try await site.run("yes", script: "exit 8").exitCode == 8)
                site.daemon?.send(SIGSTOP)
            }
            try await site.stopDaemon()
            try write(application + "when_unreachable: skip\n", to: config)
            try await site.startDaemon(["--config", config])
            site.daemon?.send(SIGSTOP)
            let line = try await site.run("yes", script: "exit 8")
            #expect(line.exitCode == 0 && line.complaints.count == 1, "\(line.error)")
            #expect(try await site.run("--when-unreachable", "run", "yes", command: ["false"]).exitCode == 1)
        }
    }

    /// A record that cannot be handed in must not keep the others: a huge command line, and one of another's cron.
    @Test(.enabled(if: geteuid() == 0, "not root"))
    func recordsThatWereMadeWithoutADaemonAreHandedInWhateverTheyHold() async throws {
        try await Site.with { site in
            try await site.serve(["huge", "theirs", "small", "last"])
            mkdir("\(site.path)/tmp", 0o1777)
            chmod("\(site.path)/tmp", 0o1777)
            // Nothing but the temporary directory can be written.
            let environment: [String: String?] = ["HOME": "/nonexistent", "TMPDIR": "\(site.path)/tmp"]
            let word = String(repeating: "\u{1}", count: 120_000)
            let huge = ["sh", "-c", "exit 3"] + Array(repeating: word, count: 10)
            #expect(try await site.run("huge", command: huge, environment: environment, uid: nobody).exitCode == 3)
            for (slug, code) in [("theirs", 4), ("small", 5)] {
                let line = try await site.run(slug, script: "exit \(code)", environment: environment, uid: nobody)
                #expect(line.exitCode == Int32(code) && line.error.contains("reported later"), "\(line.error)")
            }
            try write(
                """
                applications: {default: {url: "\(site.url)", key_file: \(site.keyFile)}}
                wrapped: {\(stranger): [theirs]}

                """, to: "\(site.path)/charon.yaml")
            try await site.startDaemon(["--config", "\(site.path)/charon.yaml"])
            let last = try await site.run("last", script: "exit 6", environment: environment, uid: nobody)
            #expect(last.exitCode == 6)
            #expect(last.complaints.count == 1 && last.error.contains("refuses the record"), "\(last.error)")
            for (slug, code) in [("huge", 3), ("small", 5), ("last", 6)] {
                #expect(try await site.ended(slug).message.contains("exited with code \(code)"))
            }
            #expect(try await site.executions(of: "theirs").isEmpty)
            let handover = "\(site.path)/tmp/charon-\(nobody)/handover"
            #expect(entries(of: "\(handover)/refused").count == 1)
            for slug in ["huge", "theirs", "small"] {
                #expect(site.records(of: slug, state: handover).isEmpty)
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
