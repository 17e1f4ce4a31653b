import CharonCore
import Glibc
import Testing

/// Death by SIGKILL at each crash point; afterwards record, server and exit code agree.
@Suite(
    .serialized,
    .enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() }
)
struct CrashPointTests {
    private static let script = "for n in 1 2 3 4 5 6; do echo line $n; sleep 0.15; done; echo bad >&2; exit 3"
    private static let lines = (1...6).map { "line \($0)" } + ["bad"]

    /// What is sent before the lines may say that the start is late or was repeated; the lines come once, in order.
    private func check(_ site: Site, _ what: String) async throws -> Execution {
        let execution = try await site.ended("job")
        #expect(execution.lines.filter { Self.lines.contains($0) } == Self.lines, "\(what)")
        #expect(execution.success == false, "\(what)")
        #expect(execution.message.contains("exited with code 3"), "\(what): \(execution.message)")
        let delivery = try await site.delivered("job")
        #expect(delivery["start"]?["execution"]?.string == "\(execution.id)", "\(what)")
        let record = try #require(site.records(of: "job").first)
        #expect(site.records(of: "job").count == 1, "\(what)")
        let ended = try site.json("\(record)/exit.json")
        #expect(ended["exit_code"]?.integer == 3, "\(what)")
        #expect(ended["outcome"]?["code"]?.integer == 3, "\(what)")
        let size = try await output(["stat", "-c", "%s", "\(record)/output.log"], in: site.path)
        #expect(delivery["acknowledged"]?.integer == Int64(size), "\(what)")
        return execution
    }

    /// The passes of a crash point in one run: the notice of a late start does not count here.
    private static let daemonPoints: [(CrashPoint, Int)] = [
        (.afterRunRecord, 1), (.afterIntent, 1), (.afterStartAnswer, 1), (.afterAcknowledgement, 1),
        (.afterAcknowledgement, 2), (.afterAcknowledgement, 4), (.afterAcknowledgement, 8), (.afterExitRecord, 1),
    ]

    @Test(arguments: daemonPoints)
    func charondDiesAndIsStartedAgain(at point: CrashPoint, pass: Int) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try await site.startDaemon(crash: "\(point.rawValue):\(pass)")
            let line = try site.start("job", command: ["sh", "-c", Self.script])
            #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
            try await site.startDaemon()
            #expect(try await line.exitCode() == 3)
            #expect(line.standardOutput == (1...6).map { "line \($0)\n" }.joined())
            #expect(line.standardError == "bad\n")
            let execution = try await check(site, "\(point)")
            let isGated = ![.afterIntent, .afterStartAnswer].contains(point)
            #expect(execution.message.contains("late") == !isGated, "\(point): \(execution.message)")
        }
    }

    @Test(arguments: daemonPoints)
    func charondDiesAndComesBackAfterTheRun(at point: CrashPoint, pass: Int) async throws {
        try await Site.with { site in
            try await site.serve(["job", "next"])
            try await site.startDaemon(crash: "\(point.rawValue):\(pass)")
            let line = try site.start("job", command: ["sh", "-c", Self.script])
            #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
            #expect(try await line.exitCode() == 3)
            try await site.startDaemon()
            #expect(try await site.run("next", script: "true").exitCode == 0)
            _ = try await check(site, "\(point)")
            #expect(try await site.ended("next").success == true)
        }
    }

    @Test(arguments: [CrashPoint.afterSpawn, .afterExec, .afterOutput])
    func aSupervisorThatDiesMakesTheRunLost(at point: CrashPoint) async throws {
        try await Site.running("job") { site in
            // The command tells its group, writes, and leaves a process behind in the group.
            let script = "echo $$ >\(site.mark("group")); echo hello; sleep 300 & wait"
            let line = try site.start(
                "job", command: ["sh", "-c", script], environment: ["CHARON_CRASH": point.rawValue])
            #expect(try await line.exitCode() == 128 + SIGKILL)
            let execution = try await site.ended("job")
            #expect(execution.success == false)
            #expect(execution.type == "error")
            #expect(execution.message.contains("lost: its supervisor died"))
            if point == .afterOutput { #expect(execution.lines == ["hello"]) }
            if point == .afterSpawn { #expect(!site.hasMark("group")) }
            let record = try #require(site.records(of: "job").first)
            #expect(try site.json("\(record)/exit.json")["outcome"]?["kind"]?.string == "lost")
            let first = text(of: "\(record)/supervisor").prefix { $0 != "\n" }
            let started = try JSON.parse(first.utf8)
            let group = Int32(try #require(started["group"]?.integer))
            try await eventually("the end of group \(group)") { members(ofGroup: group).isEmpty }
        }
    }

    @Test func aSupervisorThatDiesAfterTheOutcomeLineHasToldHowItEnded() async throws {
        try await Site.running("job") { site in
            let line = try site.start(
                "job", command: ["sh", "-c", Self.script], environment: ["CHARON_CRASH": "after-outcome"])
            #expect(try await line.exitCode() == 128 + SIGKILL)
            _ = try await check(site, "after-outcome")
        }
    }

    /// Each of the line's attempts finds or starts a private daemon, which dies again, sooner or later.
    @Test(arguments: [CrashPoint.afterRunRecord, .afterIntent, .afterStartAnswer])
    func aPrivateDaemonThatDiesEachTimeChangesNoExitCode(at point: CrashPoint) async throws {
        try await Site.with { site in
            try await site.serve(["job", "next"])
            var environment = site.withoutDaemon()
            environment["CHARON_CRASH"] = point.rawValue
            let line = try await site.run("job", script: Self.script, environment: environment)
            #expect(line.exitCode == 3)
            #expect(line.complaints.count <= 1, "\(line.error)")
            let next = try await site.run("next", script: "true", environment: site.withoutDaemon())
            #expect(next.exitCode == 0 && next.error == "", "\(next.error)")
            let execution = try await site.ended("job", within: 60)
            #expect(execution.lines.filter { Self.lines.contains($0) } == Self.lines)
            #expect(execution.message.contains("exited with code 3") && execution.message.contains("late"))
            #expect(try await site.ended("next").success == true)
        }
    }

    @Test func bothDieAndNothingIsInvented() async throws {
        try await Site.running("job") { site in
            let script = "echo up; echo $$ >\(site.mark("group")); touch \(site.mark("up")); sleep 300 & wait"
            let line = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("up")
            try await eventually("the line on the server") {
                try await site.executions(of: "job").first?.lines == ["up"]
            }
            try await site.stopDaemon()
            try await line.end()
            try await site.startDaemon()
            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.message.contains("lost"))
            #expect(execution.lines == ["up"])
            let group = Int32(text(of: site.mark("group")).prefix { $0 != "\n" }) ?? -1
            try await eventually("the end of group \(group)") { members(ofGroup: group).isEmpty }
        }
    }
}

/// The processes of a group that have not ended.
func members(ofGroup group: Int32) -> [Int32] {
    entries(of: "/proc").compactMap { Int32($0) }.filter { pid in
        // The name, in parentheses, may hold anything; behind it stand state, parent and group.
        let fields = text(of: "/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 2 && fields[0] != "Z" && Int32(fields[2]) == group
    }
}
