import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Logging
import Testing

@Suite("What the log is told of runs and applications")
struct EventTests {
    private let log = EventLog()

    @Test("Begun, started, ended: each once, with what identifies the run")
    func ordinary() async throws {
        let host = try Host(log: log)
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(log.events == [.begun, .started, .ended])
        for entry in log.all {
            #expect(entry.level == .info)
            #expect(entry.fields["slug"] == "nightly" && entry.fields["run"] == run.run.text)
            #expect(entry.fields["application"] == "default")
        }
        #expect(log.all.map { $0.fields["execution"] } == [nil, "e1", "e1"])
        #expect(log.first(.ended)?.fields["outcome"] == "exited with code 0")
        #expect(log.first(.ended)?.fields["duration"] == "1.5 s")
    }

    @Test(
        "An outcome has its event and level",
        arguments: [
            (.exited(code: 3), .failed, .error, "exited with code 3"),
            (.killed(signal: 9), .failed, .error, "killed by signal 9"),
            (
                .couldNotStart(step: "exec", errno: ENOENT), .failed, .error,
                "could not start (exec: No such file or directory)"
            ),
            (.timedOut(afterSeconds: 2), .timedOut, .error, "ended by its timeout of 2 s"),
            (.stopped(by: "SIG\u{1B}[1mTERM", signal: 15), .stopped, .warning, "stopped by SIGTERM (signal 15)"),
        ] as [(RunOutcome, Event, Logger.Level, String)])
    func outcome(outcome: RunOutcome, event: Event, level: Logger.Level, text: String) async throws {
        let host = try Host(log: log)
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.ended(outcome)
        #expect(await host.isDelivered(run))
        let entry = try #require(log.all.last)
        #expect(entry.event == event && entry.level == level && entry.fields["outcome"] == text)
        #expect(entry.fields["exit_code"] == "\(ExitCode.of(outcome))")
    }

    @Test("A lost run is an error, told by the daemon that finds it and by none after it")
    func lost() async throws {
        let host = try Host()
        let run = try request(at: .now())
        host.charon.fail(.end, .hang)
        var handles: RunDirectory.Handles? = try await host.run(run)
        try handles?.started()
        await host.daemon.stop(patience: .seconds(0))
        // The supervisor lived longer than its first daemon.
        #expect(try handles?.output.size == 0)
        handles = nil
        let second = try host.successor(log: log)
        await second.daemon.recover()
        try await eventually("the end is written") { host.charon.requests(.end).count == 1 }
        #expect(log.events == [.lost])
        #expect(log.first(.lost)?.level == .error && log.first(.lost)?.fields["execution"] == "e1")
        await second.daemon.stop(patience: .seconds(0))
        let later = EventLog()
        let third = try second.successor(log: later)
        await third.daemon.recover()
        #expect(await third.isDelivered(run))
        #expect(!later.events.contains(.lost))
    }

    @Test("What does not run says why")
    func skipped() async throws {
        let host = try Host(FakeCharon(["nightly": false]), log: log)
        _ = try await host.begin(try request(at: .now()))
        #expect(log.events == [.begun, .skipped])
        #expect(log.first(.skipped)?.level == .notice && log.first(.skipped)?.fields["reason"] == "off")
    }

    @Test("An overlap that is skipped is told too")
    func overlap() async throws {
        let host = try Host(log: log)
        _ = try await host.run(try request(at: .now()))
        _ = try await host.begin(try request(at: .now()) { $0.overlap = .skip })
        #expect(log.first(.skipped)?.fields["reason"] == "overlap")
    }

    @Test("A cron that Charon does not know is an error")
    func notRegistered() async throws {
        let host = try Host(FakeCharon([:]), log: log)
        _ = try await host.begin(try request(at: .now()))
        #expect(log.events == [.begun, .notRegistered])
        #expect(log.first(.notRegistered)?.level == .error)
    }

    @Test("Without an answer a run is ungated; its application is told of once, and again when it is back")
    func unreachable() async throws {
        let host = try Host(log: log)
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now())
        let handles = try await host.run(run)
        #expect(log.events == [.begun, .unreachable, .ungated])
        #expect(log.first(.unreachable)?.fields["application"] == "default")
        #expect(log.first(.unreachable)?.fields["reason"]?.contains("refused") == true)
        host.charon.with { $0.outage = nil }
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(log.events.count { $0 == .recovered } == 1 && log.events.count { $0 == .unreachable } == 1)
        // The execution that came late.
        #expect(log.first(.started)?.fields["execution"] == "e1")
    }

    @Test("A refused key is told of once, and again when it is taken")
    func key() {
        var health = Health()
        func note(_ sign: Health.Sign) -> [Event] {
            let before = health
            health.note(sign, of: .json(200), at: noon, wall: noon, random: 0)
            return health.events(since: before)
        }
        #expect(note(.answer) == [])
        #expect(note(.badKey("bad")) == [.keyRefused])
        #expect(note(.badKey("bad")) == [])
        #expect(note(.refusal("too long")) == [])
        #expect(note(.answer) == [.recovered])
        #expect(note(.answer) == [])
    }
}
