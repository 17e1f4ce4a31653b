import CharonCore
import Glibc
import Testing

/// A command is forked while Charon is asked for it: what becomes of both processes until the answer.
@Suite(.serialized)
struct HeldCommandTests {
    /// Charon takes 1.5 s for each of the two calls before the command; `body` gets a line and its held command.
    private static func whileAsked(
        _ words: [String] = [], command: [String]? = nil, prefix: [String] = [],
        _ body: (Site, Spawned, Int32) async throws -> Void
    ) async throws {
        try await Site.with { site in
            try await site.serve(["job"], options: ["--latency", "1500"])
            try await site.startDaemon()
            let mark = site.mark("command")
            let line = try Spawned(
                prefix + [Programs.run] + words + ["job", "--"] + (command ?? ["sh", "-c", "touch \(mark); exit 3"]),
                in: site.path, environment: site.environment)
            let held = try await eventually("the held command") {
                text(of: "/proc/\(line.pid)/task/\(line.pid)/children").split(separator: " ").first.flatMap {
                    Int32($0)
                }.flatMap { Self.isHeld($0) ? $0 : nil }
            }
            #expect(!site.hasMark("command"))
            try await body(site, line, held)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGKILL])
    func aSignalEndsTheLineBeforeItsCommand(signal: Int32) async throws {
        try await Self.whileAsked { site, line, held in
            line.send(signal)
            #expect(try await line.exitCode(within: 5) == 128 + signal)
            try await eventually("the end of the held command") { kill(held, 0) != 0 }
            // Long enough for both answers.
            try await Task.sleep(for: .seconds(4))
            #expect(!site.hasMark("command"))
        }
    }

    @Test func aStoppedLineGoesOnWhenItIsContinued() async throws {
        try await Self.whileAsked { site, line, _ in
            line.send(SIGTSTP)
            try await eventually("a stopped line") { Self.state(of: line.pid) == "T" }
            // Beyond both answers.
            try await Task.sleep(for: .seconds(4))
            #expect(!site.hasMark("command"))
            line.send(SIGCONT)
            #expect(try await line.exitCode() == 3)
            let execution = try await site.ended("job")
            #expect(execution.success == false)
        }
    }

    /// What the caller has blocked waits for the command, as without a supervisor, and nobody spins meanwhile.
    @Test func aBlockedSignalWaitsForTheCommand() async throws {
        // Shells clear their mask.
        let command = ["sleep", "60"]
        let prefix = ["env", "--block-signal=TERM"]
        try await Self.whileAsked(["--stop-grace", "300ms"], command: command, prefix: prefix) { site, line, _ in
            line.send(SIGTERM)
            try await Task.sleep(for: .seconds(1))
            #expect(line.exitCode == nil)
            let ticks = try #require(Self.processorTicks(of: line.pid))
            #expect(ticks < 30, "\(ticks) ticks of the processor while it waits")
            #expect(try await line.exitCode() == 128 + SIGKILL)
            let execution = try await site.ended("job")
            #expect(execution.success == false)
        }
    }

    @Test func aCommandThatIsKilledWhileItIsHeldHasThatOutcome() async throws {
        try await Self.whileAsked { site, line, held in
            kill(held, SIGKILL)
            #expect(try await line.exitCode() == 128 + SIGKILL, "\(line.standardError)")
            #expect(!site.hasMark("command"))
            let execution = try await site.ended("job")
            #expect(execution.success == false)
        }
    }

    /// The fields of /proc/PID/stat behind the name.
    private static func fields(of pid: Int32) -> [Substring] {
        text(of: "/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    }

    /// Whether a child has its own session and waits: before that its death is a fork that failed, and there is another.
    private static func isHeld(_ child: Int32) -> Bool { getsid(child) == child && state(of: child) == "S" }

    private static func state(of pid: Int32) -> String? { fields(of: pid).first.map(String.init) }

    private static func processorTicks(of pid: Int32) -> Int? {
        let fields = fields(of: pid)
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }
}
