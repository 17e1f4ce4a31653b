import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The daemon: what an earlier one left behind")
struct DaemonRecoveryTests {
    /// A record as a daemon that died has left it.
    private func leave(
        _ host: Host, _ run: RunRequest, _ delivery: DeliveryRecord?,
        _ body: (RunDirectory.Handles) throws -> Void = { _ in }
    ) throws -> RunDirectory.Handles {
        let directory = host.directory(run)
        let handles = try directory.create(run)
        if let delivery { try directory.write(delivery, durability: .process) }
        try body(handles)
        return handles
    }

    private func answered(_ host: Host) throws -> DeliveryRecord {
        var delivery = DeliveryRecord()
        delivery.gate = .yes
        delivery.start = .answered(try #require(ExecutionID("e1")))
        host.charon.with { $0.executions["e1"] = FakeCharon.Execution(cron: "nightly") }
        return delivery
    }

    @Test("A request and nothing else: its caller goes on without it, so it goes")
    func requestOnly() async throws {
        let host = try Host()
        let run = try request(at: .now())
        _ = try leave(host, run, nil)
        _ = try leave(host, request(at: .now() + -1), DeliveryRecord())
        await host.daemon.recover()
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(host.charon.with { $0.requests.isEmpty })
    }

    @Test("A request that a supervisor holds is followed, and reported late")
    func held() async throws {
        let host = try Host()
        let run = try request(at: .now())
        let handles = try leave(host, run, nil)
        await host.daemon.recover()
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.map(\.ends.count) == [1])
        #expect(host.charon.executions.first?.ends.first?.text.contains("reported late") == true)
    }

    @Test("An intent: the start is made again under the same key, said so, and ended once")
    func intent() async throws {
        let host = try Host()
        let run = try request(at: .now())
        // The first daemon's start has reached Charon.
        _ = await host.charon.exchange(
            CharonCall.start(.slug(run.slug)).request(idempotencyKey: "\(run.run)/start"), deadline: .seconds(1))
        var delivery = DeliveryRecord()
        delivery.gate = .yes
        delivery.start = .sent(at: .now())
        let handles = try leave(host, run, delivery)
        await host.daemon.recover()
        try await eventually("the second start") { host.charon.requests(.start).count == 2 }
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.count == 1)
        #expect(host.charon.executions.first?.ends.count == 1)
        #expect(host.charon.executions.first?.messages.first?.text.contains("second execution") == true)
        #expect(try host.delivery(run).hadUncertainStart)
    }

    @Test("An intent under the policy never is not repeated")
    func never() async throws {
        let host = try Host()
        let run = try request(at: .now()) { $0.whenUncertain = .never }
        var delivery = DeliveryRecord()
        delivery.start = .sent(at: .now())
        let handles = try leave(host, run, delivery)
        await host.daemon.recover()
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(host.charon.requests(.start).isEmpty)
        #expect(try host.delivery(run).note?.contains("never") == true)
    }

    @Test("An execution whose caller comes back is its caller's, and only one daemon's work is seen")
    func rejoined() async throws {
        let host = try Host()
        let run = try request(at: .now())
        do { _ = try leave(host, run, try answered(host)) }
        await host.daemon.recover()
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("here")
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.count == 1)
        #expect(host.charon.executions.first?.messages.map(\.text) == ["here"])
        #expect(host.charon.executions.first?.ends.map(\.success) == [true])
        #expect(host.charon.requests(.start).isEmpty)
        // Only once: the run has a supervisor's record now.
        guard case .error = try await host.begin(run) else {
            Issue.record("begun again")
            return
        }
    }

    @Test("An outcome without exit.json is validated, written and delivered")
    func outcome() async throws {
        let host = try Host()
        let run = try request(at: .now())
        _ = try leave(host, run, try answered(host)) { handles in
            try handles.started()
            try handles.write("one")
            try handles.ended(.killed(signal: 9), stdout: 1)
        }
        await host.daemon.recover()
        #expect(await host.isDelivered(run))
        #expect(try host.directory(run).exit()?.outcome == .killed(signal: 9))
        #expect(host.charon.executions.first?.ends.first?.text.hasPrefix("killed by signal 9") == true)
        #expect(host.charon.executions.first?.messages.map(\.text) == ["one"])
    }

    @Test("What Charon has acknowledged is not sent again, and what was being sent is sent as it was")
    func acknowledged() async throws {
        let host = try Host()
        let run = try request(at: .now())
        var delivery = try answered(host)
        _ = try leave(host, run, nil) { handles in
            try handles.started()
            for text in ["one", "two", "three", "four"] { try handles.write(text) }
            try handles.ended(stdout: 4)
        }
        let entries = try OutputReader(host.directory(run)).entries(from: 0)
        delivery.acknowledged = entries[0].end
        delivery.lines = 1
        delivery.messages = 1
        delivery.sending = DeliveryRecord.Batch(from: entries[0].end, to: entries[1].end)
        try host.directory(run).write(delivery, durability: .process)
        await host.daemon.recover()
        #expect(await host.isDelivered(run))
        let sent = host.charon.requests(.message)
        #expect(host.charon.executions.first?.messages.map(\.text) == ["two", "three\nfour"])
        #expect(sent.first?.idempotencyKey == "\(run.run)/\(entries[0].end)-\(entries[1].end)")
        #expect(try host.delivery(run).lines == 4)
    }

    @Test("A delivered run is left alone")
    func delivered() async throws {
        let host = try Host()
        let run = try request(at: .now())
        var delivery = try answered(host)
        delivery.end = .answered
        let handles = try leave(host, run, delivery)
        try host.directory(run).write(
            SupervisorRecord.Ended(at: .now(), outcome: .lost, exitCode: 125), durability: .process)
        await host.daemon.recover()
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 0)
        #expect(host.charon.with { $0.requests.isEmpty })
        _ = handles
    }

    @Test("A run that Charon refused is followed to its outcome, and kept no longer than others")
    func refused() async throws {
        let host = try Host { $0.retention.runs = 0 }
        let run = try request(at: .now())
        var delivery = DeliveryRecord()
        delivery.start = .refused("ran, refused later: the cron is switched off")
        delivery.note = "ran, refused later: the cron is switched off"
        let handles = try leave(host, run, delivery) { try $0.started() }
        await host.daemon.recover()
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 1)
        try handles.ended(.exited(code: 4))
        #expect(await host.isDelivered(run))
        try await eventually("its line of the history") { host.history.count == 1 }
        #expect(host.history.first?["outcome"] == RunOutcome.exited(code: 4).json)
        try await eventually("its directory gone") { try RunDirectory.all(state: host.state).isEmpty }
        #expect(host.charon.with { $0.requests.isEmpty })
    }

    @Test("A daemon that stops in mid-run leaves all to the next")
    func stopped() async throws {
        let host = try Host()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("one")
        try await eventually("the first line") { host.charon.executions.first?.messages.count == 1 }
        await host.daemon.stop()
        try handles.write("two")
        try handles.ended(stdout: 2)
        let next = try host.successor()
        await next.daemon.recover()
        #expect(await next.isDelivered(run))
        #expect(host.charon.executions.map(\.messages).first?.map(\.text) == ["one", "two"])
        #expect(host.charon.executions.map(\.ends.count) == [1])
    }

    @Test("A daemon that is told to stop while an execution is started waits for its answer", arguments: [true, false])
    func stoppedAtStart(atGate: Bool) async throws {
        let host = try Host()
        let run = try request(at: .now())
        if !atGate { host.charon.with { $0.outage = .json(429) } }
        let beginning = Task { try await host.run(run) }
        if !atGate {
            try await eventually("the late delivery") { try host.directory(run).delivery()?.isLate == true }
        }
        host.charon.fail(.start, .hang)
        host.charon.with { $0.outage = nil }
        try await eventually("the start") { host.charon.requests(.start).count == 1 }
        let stop = Task { await host.daemon.stop(patience: .seconds(120)) }
        // Nothing new is begun meanwhile.
        try await eventually("no more runs") {
            let other = try request("other", at: .now())
            if case .error(let reply) = try await host.begin(other) { return reply.error?.hasSuffix("Busy") == true }
            // Begun before the daemon was told: it waits for callers that it has answered.
            await host.daemon.handedOver(other, wasTaken: false)
            return false
        }
        host.charon.with { $0.executions["e7"] = FakeCharon.Execution(cron: "nightly") }
        host.charon.release(.json(200, ["id": "e7"]))
        await stop.value
        #expect(try host.delivery(run).start == .answered(try #require(ExecutionID("e7"))))
        let handles = try await beginning.value
        try handles.started()
        try handles.ended()
        let next = try host.successor()
        await next.daemon.recover()
        #expect(await next.isDelivered(run))
        #expect(host.charon.executions.count == 1)
        #expect(host.charon.executions.first?.ends.count == 1)
    }

    @Test("A record that cannot be read is left as it is", arguments: ["run.json", "delivery.json"])
    func unreadable(name: String) async throws {
        let host = try Host()
        let run = try request(at: .now())
        _ = try leave(host, run, DeliveryRecord()) { _ in }
        let path = host.directory(run).path + "/" + name
        let later = Array(#"{"v":99}"#.utf8)
        try RecordFile.replace(path, with: later, durability: .process)
        await host.daemon.recover()
        #expect(try RecordFile.read(path) == later)
        #expect(host.charon.executions.isEmpty)
    }

    @Test("Foreign and broken directories keep nobody from being delivered")
    func broken() async throws {
        let host = try Host()
        try RecordFile.makeDirectory(host.state + "/runs/nightly/not-a-run")
        try RecordFile.makeDirectory(host.state + "/runs/-bad-/x")
        let noRequest = try request(at: .now() + -60)
        try RecordFile.makeDirectory(host.directory(noRequest).path)
        let otherName = try request(at: .now() + -30)
        try RecordFile.makeDirectory(host.directory(otherName).path)
        try RecordFile.replace(
            host.directory(otherName).path + "/run.json", with: noRequest.json.bytes, durability: .process)
        let run = try request(at: .now())
        _ = try leave(host, run, try answered(host)) { handles in
            try handles.started()
            try handles.ended()
        }
        await host.daemon.recover()
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.map(\.ends.count) == [1])
    }
}
