import CharonCore
import Glibc
import Testing

/// Death by SIGKILL at each crash point; afterwards record, server and exit code agree.
@Suite(
    .serialized,
    .enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() }
)
struct CrashPointTests {
    /// Slow enough for each line to be a message of its own.
    private static let script = "for n in 1 2 3 4 5 6; do echo line $n; sleep 0.25; done; echo bad >&2; exit 3"
    private static let lines = (1...6).map { "line \($0)" } + ["bad"]

    /// What is sent before the lines may say that the start is late or was repeated; the lines come once, in order.
    private func check(_ site: Site, _ what: String) async throws -> Execution {
        let execution = try await site.ended("job", within: 60)
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

    /// The crash points of charond with the passes at which it dies, each in an installation of its own.
    ///
    /// A run is acknowledged eight times: seven lines and its end.
    private static let daemonPoints: [(CrashPoint, ClosedRange<Int>)] = [
        (.afterRunRecord, 1...1), (.afterIntent, 1...1), (.afterStartAnswer, 1...1), (.afterAcknowledgement, 1...4),
        (.afterAcknowledgement, 5...8), (.afterExitRecord, 1...1),
    ]

    /// Runs `body` for all passes at once.
    private func atOnce(
        _ passes: ClosedRange<Int>, _ body: @escaping @Sendable (_ pass: Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pass in passes { group.addTask { try await body(pass) } }
            try await group.waitForAll()
        }
    }

    @Test(arguments: daemonPoints)
    func charondDiesAndIsStartedAgain(at point: CrashPoint, passes: ClosedRange<Int>) async throws {
        try await atOnce(passes) { pass in
            try await Site.with { site in
                try await site.serve(["job"])
                try await site.startDaemon(crash: "\(point.rawValue):\(pass)")
                let line = try site.start("job", command: ["sh", "-c", Self.script])
                #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
                try await site.startDaemon()
                #expect(try await line.exitCode() == 3)
                #expect(line.standardOutput == (1...6).map { "line \($0)\n" }.joined())
                #expect(line.standardError == "bad\n")
                let execution = try await check(site, "\(point):\(pass)")
                let isGated = ![.afterIntent, .afterStartAnswer].contains(point)
                #expect(execution.message.contains("late") == !isGated, "\(point):\(pass): \(execution.message)")
            }
        }
    }

    @Test(arguments: daemonPoints)
    func charondDiesAndComesBackAfterTheRun(at point: CrashPoint, passes: ClosedRange<Int>) async throws {
        try await atOnce(passes) { pass in
            try await Site.with { site in
                try await site.serve(["job", "next"])
                try await site.startDaemon(crash: "\(point.rawValue):\(pass)")
                let line = try site.start("job", command: ["sh", "-c", Self.script])
                #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
                #expect(try await line.exitCode() == 3)
                try await site.startDaemon()
                #expect(try await site.run("next", script: "true").exitCode == 0)
                _ = try await check(site, "\(point):\(pass)")
                #expect(try await site.ended("next").success == true)
            }
        }
    }

    /// A run that a silent daemon learns of when it has ended: the notice, stdout, stderr and the end are acknowledged.
    @Test func charondDiesWhileItReportsARunLate() async throws {
        try await atOnce(1...4) { pass in
            try await Site.with { site in
                try await site.serve(["job"])
                try await site.startDaemon(crash: "\(CrashPoint.afterAcknowledgement.rawValue):\(pass)")
                site.daemon?.send(SIGSTOP)
                let script = "touch \(site.mark("up")); until [ -e go ]; do sleep 0.05; done; \(Self.script)"
                let line = try site.start("job", command: ["sh", "-c", script])
                try await site.reached("up")
                site.daemon?.send(SIGCONT)
                try write("", to: "\(site.path)/go")
                #expect(try await line.exitCode() == 3)
                #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
                try await site.startDaemon()
                let execution = try await check(site, "\(pass)")
                #expect(execution.message.contains("reported late"), "\(pass): \(execution.message)")
                let isNotice = { (message: Execution.Message) in message.text.contains("its start is reported late") }
                #expect(execution.messages.first.map(isNotice) == true, "\(pass)")
                #expect(execution.messages.count(where: isNotice) == 1, "\(pass)")
                #expect(execution.messages.count == 3, "\(pass)")
            }
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

    /// A private daemon that has gated the line and dies in mid-delivery: the next line's one delivers the rest.
    @Test(arguments: [CrashPoint.afterAcknowledgement, .afterExitRecord])
    func whatAPrivateDaemonLeavesTheNextOneDelivers(at point: CrashPoint) async throws {
        try await Site.with { site in
            try await site.serve(["job", "next"])
            var environment = site.withoutDaemon()
            environment["CHARON_CRASH"] = point.rawValue
            let line = try await site.run("job", script: Self.script, environment: environment)
            #expect(line.exitCode == 3)
            #expect(line.complaints.isEmpty, "\(line.error)")
            try await eventually("the death of the private daemon") { site.privateDaemons().isEmpty }
            #expect(try await site.executions(of: "job").first?.endedAt == nil)
            let next = try await site.run("next", script: "true", environment: site.withoutDaemon())
            #expect(next.exitCode == 0 && next.error == "", "\(next.error)")
            let execution = try await site.ended("job", within: 90)
            #expect(execution.lines == Self.lines)
            #expect(execution.message.contains("exited with code 3") && !execution.message.contains("late"))
            #expect(try await site.ended("next").success == true)
        }
    }
}
