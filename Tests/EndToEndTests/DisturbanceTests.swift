import CharonCore
import Glibc
import Testing

/// Runs whose surroundings change while they go on.
@Suite(.serialized)
struct DisturbanceTests {
    @Test func aServerThatGoesAwayInMidRunGetsEveryLineOnceAndInOrder() async throws {
        try await Site.running("job") { site in
            let script = """
                for n in $(seq 20); do echo line $n; [ $n != 5 ] || touch \(site.mark("five")); sleep 0.1; done
                """
            let line = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("five")
            try await site.stopServer()
            #expect(try await line.exitCode() == 0)
            try await site.serve()
            let execution = try await site.ended("job", within: 60)
            #expect(execution.lines == (1...20).map { "line \($0)" })
            #expect(execution.success == true)
            #expect(!execution.message.contains("not sent"))
        }
    }

    @Test func aDaemonThatIsStoppedLeavesTheJobAloneAndTakesItUpAgain() async throws {
        try await Site.running("job") { site in
            let script = "echo one; touch \(site.mark("up")); until [ -e go ]; do sleep 0.05; done; echo two; exit 3"
            let line = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("up")
            try await site.stopDaemon(SIGTERM)
            #expect(try await site.daemon?.exitCode() == 0)
            #expect(access(site.socket, F_OK) != 0)
            try await site.startDaemon()
            try await eventually("the first line") { try await site.executions(of: "job").first?.lines == ["one"] }
            try write("", to: "\(site.path)/go")
            #expect(try await line.exitCode() == 3)
            let execution = try await site.ended("job")
            #expect(execution.lines == ["one", "two"])
            #expect(!execution.message.contains("late") && !execution.message.contains("lost"))
        }
    }

    @Test func aLineThatIsToldToEndEndsItsCommandAndSaysSo() async throws {
        try await Site.running("job") { site in
            let script = "trap 'echo closing; exit 4' TERM; touch \(site.mark("up")); while :; do sleep 0.05; done"
            let line = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("up")
            line.send(SIGTERM)
            #expect(try await line.exitCode() == 4)
            #expect(line.standardOutput == "closing\n")
            let stubborn = try site.start(
                "--stop-grace", "300ms", "job",
                command: ["sh", "-c", "trap '' TERM; touch \(site.mark("stubborn")); while :; do sleep 0.05; done"])
            try await site.reached("stubborn")
            stubborn.send(SIGTERM)
            #expect(try await stubborn.exitCode() == 128 + SIGKILL)
            let executions = try await site.ended("job", count: 2)
            #expect(executions.allSatisfy { $0.success == false })
            #expect(executions.last?.message.contains("stopped by") == true, "\(executions.map(\.message))")
        }
    }

    @Test func aReaderThatGoesAwayEndsThePassThroughAndNotTheReport() async throws {
        try await Site.running("job") { site in
            let script = "for n in 1 2 3; do echo line $n; sleep 0.3; done; exit 5"
            let pipeline = "'\(Programs.run)' job -- sh -c '\(script)' | head -1"
            let shell = try Spawned(
                ["bash", "-c", "\(pipeline); exit ${PIPESTATUS[0]}"], in: site.path,
                environment: site.environment)
            #expect(try await shell.exitCode() == 5)
            #expect(shell.standardOutput == "line 1\n")
            let execution = try await site.ended("job")
            #expect(execution.lines == ["line 1", "line 2", "line 3"])
            #expect(execution.message.contains("exited with code 5"))
        }
    }

    @Test func aDescendantThatKeepsTheOutputIsNamedAndNeverHurt() async throws {
        try await Site.running("job") { site in
            let script = """
                (trap '' HUP; until [ -e go ]; do sleep 0.05; done
                 echo from the descendant && touch \(site.mark("survived"))) &
                echo from the command; exit 6
                """
            let line = try await site.run("job", script: script)
            #expect(line.exitCode == 6)
            #expect(line.output == "from the command\n")
            let execution = try await site.ended("job")
            #expect(execution.lines == ["from the command"])
            #expect(execution.message.contains("still holding the output open: "), "\(execution.message)")
            try write("", to: "\(site.path)/go")
            try await site.reached("survived")
            let record = try #require(site.records(of: "job").first)
            try await eventually("what it wrote in the record") {
                text(of: "\(record)/output.log").contains(" stdout F from the descendant\n")
            }
        }
    }

    @Test func thousandsOfLinesArriveInOrderAndWhatIsNotSentIsCounted() async throws {
        try await Site.running("job") { site in
            let line = try await site.run("job", script: "seq 20000")
            #expect(line.exitCode == 0)
            #expect(line.output.utf8.count == 108_894)
            let execution = try await site.ended("job", within: 60)
            #expect(execution.lines == (1...20_000).map { "\($0)" })
            #expect(execution.message.contains("20000 lines on stdout"))
        }
    }
}
