import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("The daemon: a run from its beginning to its last acknowledgement")
struct DaemonBeginTests {
    @Test("Begun, run, recorded, delivered")
    func ordinary() async throws {
        let host = try Host()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        let delivery = try host.delivery(run)
        #expect(delivery.gate == .yes)
        #expect(delivery.start == .answered(try #require(ExecutionID("e1"))))
        #expect(!delivery.isLate)
        try handles.started()
        try handles.write("hello")
        try await eventually("the line while the command runs") { host.charon.executions.first?.messages.count == 1 }
        try handles.write("<3>bad")
        try handles.ended(.exited(code: 3), stdout: 2)
        #expect(await host.isDelivered(run))
        let execution = try #require(host.charon.executions.first)
        #expect(host.charon.executions.count == 1)
        #expect(execution.messages.map(\.text) == ["hello", "bad"])
        #expect(execution.messages.map(\.type) == ["info", "error"])
        #expect(execution.ends.count == 1)
        #expect(execution.ends.first?.success == false)
        #expect(execution.ends.first?.text.hasPrefix("exited with code 3 after 1.5 s; 2 lines on stdout") == true)
        #expect(try host.directory(run).exit()?.outcome == .exited(code: 3))
        #expect(try host.delivery(run).end == .answered)
        #expect(host.history.isEmpty)
        #expect(Set(host.charon.with { $0.requests.compactMap(\.idempotencyKey) }).count == 4)
    }

    @Test("The last lines of stderr are in the end of a failure, even of one whose messages were capped")
    func lastErrors() async throws {
        let host = try Host()
        let run = try request(at: .now())
        let handles = try host.directory(run).create(run)
        host.charon.with { $0.executions["e1"] = FakeCharon.Execution(cron: "nightly") }
        var delivery = DeliveryRecord()
        delivery.start = .answered(try #require(ExecutionID("e1")))
        delivery.messages = Timing.runCap.messages
        try host.directory(run).write(delivery, durability: .process)
        try handles.started()
        for number in 0..<9 { try handles.write("<3>\u{1B}[1mreason \(number)", .stderr) }
        try handles.write("progress")
        try handles.ended(.exited(code: 1), stdout: 1, stderr: 9)
        await host.daemon.recover()
        #expect(await host.isDelivered(run))
        let execution = try #require(host.charon.executions.first)
        #expect(execution.messages.isEmpty)
        let text = try #require(execution.ends.first?.text)
        #expect(text.contains("; 10 of these lines were not sent\nlast lines of stderr:\n"))
        #expect(text.hasSuffix("reason 7\n<3>reason 8"))
    }

    @Test("A run that is skipped leaves a line of the history and nothing else")
    func skip() async throws {
        let host = try Host(FakeCharon(["nightly": false]))
        let run = try request(at: .now())
        guard case .skip(.off) = try await host.begin(run) else {
            Issue.record("not skipped")
            return
        }
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(host.history.map { $0["outcome"] } == [RunOutcome.skipped(.off).json])
        #expect(host.charon.requests(.start).isEmpty)
        #expect(await host.isDelivered(run))
        // The answer is remembered for when there is none.
        host.charon.with { $0.outage = .refused }
        guard case .skip(.unreachable) = try await host.begin(request(at: .now())) else {
            Issue.record("the last answer was not believed")
            return
        }
        #expect(host.history.last?["note"]?.string?.contains("connection refused") == true)
    }

    @Test("Without an answer the command runs, and all is delivered when Charon is there again")
    func unreachable() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now())
        let handles = try await host.run(run)
        #expect(try host.delivery(run).isLate)
        try handles.started()
        try handles.write("in the dark")
        try handles.ended(stdout: 1)
        host.charon.with { $0.outage = nil }
        try await eventually("the end", seconds: 60) { host.charon.executions.first?.ends.count == 1 }
        let execution = try #require(host.charon.executions.first)
        #expect(execution.messages.count == 2)
        #expect(execution.messages.first?.text.contains("late") == true)
        #expect(execution.ends.first?.text.contains("reported late: ran from") == true)
    }

    @Test("A caller that has gone leaves nothing, and nothing is written to Charon")
    func withdrawn() async throws {
        let host = try Host()
        let run = try request(at: .now())
        guard case .withdrawn = try await host.begin(run, isGone: { true }) else {
            Issue.record("not withdrawn")
            return
        }
        // It goes while Charon is asked.
        let asked = host.charon
        guard case .withdrawn = try await host.begin(run, isGone: { !asked.requests(.canStart).isEmpty }) else {
            Issue.record("not withdrawn after can-start")
            return
        }
        #expect(host.charon.requests(.start).isEmpty)
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(host.history.isEmpty)
        #expect(await host.daemon.isIdle(at: .now() + 60, for: .seconds(60)))
    }

    @Test("A caller that goes before the reply of a run that Charon knows nothing of leaves nothing")
    func goneBeforeReply() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now())
        guard case .run = try await host.begin(run) else {
            Issue.record("not run")
            return
        }
        await host.daemon.handedOver(run, wasTaken: false)
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(await host.daemon.isIdle(at: .now() + 60, for: .seconds(60)))
    }

    @Test("The first user of a slug owns it; another is refused before anything is made")
    func rights() async throws {
        let host = try Host(FakeCharon(["nightly": true, "wrapped": true]))
        _ = try await host.run(request(uid: 71, at: .now()))
        for (name, uid, isAllowed) in [
            ("nightly", 72, false), ("nightly", 71, true), ("nightly", 0, true), ("wrapped", 72, false),
            ("wrapped", 71, true),
        ] as [(String, UInt32, Bool)] {
            let before = host.charon.requests(.canStart).count
            let run = try request(name, uid: uid, at: .now())
            switch try await host.begin(run) {
            case .run: #expect(isAllowed, "\(name) \(uid)")
            case .error(let reply):
                #expect(!isAllowed, "\(name) \(uid)")
                #expect(reply.error?.hasSuffix("PermissionDenied") == true)
                #expect(host.charon.requests(.canStart).count == before)
                #expect(try host.directory(run).request() == nil)
            default: Issue.record("\(name) \(uid)")
            }
        }
    }

    @Test("An application that is not configured is refused")
    func application() async throws {
        let host = try Host()
        var run = try request(at: .now())
        run.application = "other"
        var parameters = try host.parameters(run)
        parameters.request.application = "other"
        guard
            case .error(let reply) = await host.daemon.begin(parameters, peer: Peer(uid: 0), isGone: { false }),
            reply.error?.hasSuffix("InvalidParameter") == true
        else {
            Issue.record("not refused")
            return
        }
        #expect("\(reply.parameters)".contains("charon.yaml"))
    }

    @Test("A run's name is taken once: a second call neither begins it again nor harms the first")
    func twice() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        guard case .run(let handles) = try await host.begin(run) else {
            Issue.record("not run")
            return
        }
        // The same caller again, another user with a slug of his own, and root with a third.
        var foreign = try request("foreign", uid: 72)
        foreign.run = run.run
        var third = try request("third")
        third.run = run.run
        for other in [run, foreign, third] {
            guard case .error = try await host.begin(other) else {
                Issue.record("begun again")
                return
            }
        }
        await host.daemon.handedOver(run, wasTaken: true)
        for other in [run, foreign, third] {
            guard case .error = try await host.begin(other) else {
                Issue.record("begun again")
                return
            }
        }
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.count == 1)
        #expect(host.charon.executions.first?.ends.count == 1)
    }

    @Test("Status and list tell what is there, each user their own")
    func list() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        let handles = try await host.run(run)
        let runs = await host.daemon.list(for: Peer(uid: 71)).parameters["runs"]?.array
        #expect(runs?.count == 1)
        #expect(runs?.first?["run"]?.string == run.run.text)
        #expect(runs?.first?["running"] == true)
        #expect(runs?.first?["execution"] == "e1")
        #expect(await host.daemon.list(for: Peer(uid: 72)).parameters["runs"] == [])
        #expect(
            try await host.daemon.list(ListRequest(slug: slug("other")), for: Peer(uid: 0)).parameters["runs"] == [])
        #expect(await host.daemon.awaitDelivery(run.run, for: Peer(uid: 72)) == .noSuchRun)
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 1)
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 0)
        // Where a host reports to is not everybody's to know.
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["applications"]?.array?.count == 1)
        #expect(await host.daemon.status(for: Peer(uid: 71)).parameters["applications"] == [])
    }

    @Test("A private daemon is idle when all is delivered and a while has passed, and not before")
    func idle() async throws {
        let host = try Host(isPrivate: true)
        let minute = TimeSpan.seconds(60)
        #expect(await !host.daemon.isIdle(at: .now() + 30, for: minute))
        #expect(await host.daemon.isIdle(at: .now() + 61, for: minute))
        let run = try request(uid: geteuid(), at: .now())
        let handles = try await host.run(run)
        #expect(await !host.daemon.isIdle(at: .now() + 3600, for: minute))
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(await !host.daemon.isIdle(at: .now() + 30, for: minute))
        #expect(await host.daemon.isIdle(at: .now() + 61, for: minute))
        // A clock that was set back must not keep it for ever.
        #expect(await host.daemon.isIdle(at: .now() + -86_400, for: minute))
    }

    @Test("What is delivered stays as long as the retention says, then becomes a line of the history")
    func retention() async throws {
        let host = try Host { $0.retention.runs = 2 }
        var runs: [RunRequest] = []
        for _ in 0..<4 {
            let run = try request(at: .now())
            let handles = try await host.run(run)
            try handles.started()
            try handles.ended()
            #expect(await host.isDelivered(run))
            runs.append(run)
            try await Task.sleep(for: .milliseconds(2))
        }
        try await eventually("two directories") { try RunDirectory.all(state: host.state).count == 2 }
        #expect(try RunDirectory.all(state: host.state).map(\.run) == runs.suffix(2).map(\.run))
        #expect(host.history.map { $0["run"]?.string } == runs.prefix(2).map(\.run.text))
        #expect(host.history.map { $0["execution"]?.string } == ["e1", "e2"])
    }
}
