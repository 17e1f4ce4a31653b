import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: the runner, its files, and a Charon that refuses")
struct DeliveryRunnerTests {
    /// A run that has ended, with an execution and a record that the next daemon takes up.
    private func leave(
        _ host: Host, _ delivery: (inout DeliveryRecord) -> Void = { _ in },
        _ body: (RunDirectory.Handles) throws -> Void
    ) throws -> RunRequest {
        let run = try request(at: .now())
        let handles = try host.directory(run).create(run)
        host.charon.with { $0.executions["e1"] = FakeCharon.Execution(cron: "nightly") }
        var record = try Delivery.record()
        delivery(&record)
        try host.directory(run).write(record, durability: .process)
        try handles.started()
        try body(handles)
        return run
    }

    private func deliver(_ host: Host, _ run: RunRequest) async throws -> FakeCharon.Execution {
        await host.daemon.recover()
        #expect(await host.isDelivered(run))
        return try #require(host.charon.executions.first)
    }

    @Test("A refused message: its placeholder arrives, the rest goes on, and delivery.json says what was set aside")
    func setAside() async throws {
        let host = try Host()
        host.charon.fail(.message, .instead(.json(422, ["error": "secret"])))
        let run = try leave(host) { handles in
            try handles.write("<3>secret", .stderr)
            try handles.write("good")
            try handles.ended(stdout: 1, stderr: 1)
        }
        let execution = try await deliver(host, run)
        #expect(execution.messages.map(\.type) == ["error", "info"])
        #expect(execution.messages.first?.text.hasPrefix("1 line set aside: Charon refused the message (422)") == true)
        #expect(execution.messages.first?.text.contains("secret") == false)
        #expect(execution.messages.last?.text == "good")
        #expect(execution.ends.first?.text.contains("; 1 line set aside in 1 message that Charon did not take") == true)
        let delivery = try host.delivery(run)
        #expect(delivery.setAside.messages.first?.status == 422)
        #expect(delivery.setAside.messages.first?.reason.contains("secret") == true)
        #expect(delivery.setAside.placeholder == nil)
    }

    @Test("A refused end goes out as its outcome, and 409 to it is an end", arguments: [false, true])
    func end(isConflict: Bool) async throws {
        let host = try Host()
        let conflict = FakeCharon.Fault.instead(.json(409))
        host.charon.fail(.end, .instead(.json(400)))
        if isConflict { host.charon.fail(.end, conflict) }
        let run = try leave(host) { try $0.ended(.exited(code: 2)) }
        let execution = try await deliver(host, run)
        #expect(execution.ends.map(\.text) == (isConflict ? [] : ["exited with code 2 after 1.5 s"]))
        #expect(host.charon.requests(.end).map(\.idempotencyKey) == ["\(run.run)/end", "\(run.run)/end-2"])
        #expect(try host.delivery(run).end == .answered)
    }

    @Test("Beyond the cap the last lines come out of the file, however large its middle is")
    func cap() async throws {
        let host = try Host()
        let run = try leave(host) { record in
            record.messages = Timing.runCap.messages - Timing.runReserve.messages
        } _: { handles in
            let text = String(repeating: "m", count: 1000)
            for number in 0..<2000 { try handles.write("\(number) \(text)") }
            for number in 0..<10 { try handles.write("<3>last \(number)", .stderr) }
            try handles.ended(stdout: 2000, stderr: 10)
        }
        let execution = try await deliver(host, run)
        #expect(execution.messages.last?.text == (0..<10).map { "last \($0)" }.joined(separator: "\n"))
        let numbers = execution.messages.dropLast().flatMap { $0.text.split(separator: "\n") }
            .compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
        let first = try #require(numbers.first)
        #expect(first > 1700 && numbers == Array(first..<2000))
        let delivery = try host.delivery(run)
        let omitted = try #require(delivery.omitted)
        #expect(omitted.from == 0)
        #expect(delivery.lines == Int64(numbers.count + 10))
        let end = try #require(execution.ends.first?.text)
        #expect(end.contains("; \(omitted.to) bytes of output.log from byte 0 on left out, beyond the cap of a run"))
        #expect(end.contains("; \(first) of these lines were not sent"))
    }
}
