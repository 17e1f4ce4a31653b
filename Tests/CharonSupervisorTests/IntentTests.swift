import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Foundation
import Testing

@Suite("The daemon: what a power cut takes")
struct IntentTests {
    /// A host whose daemon has its intent log.
    private func host(_ charon: FakeCharon = FakeCharon()) async throws -> Host {
        let host = try Host(charon)
        await host.daemon.recover()
        return host
    }

    private func left(_ host: Host) throws -> [RunID] {
        try IntentLog.open(state: host.state).left.map(\.request.run)
    }

    @Test("A record that is gone is made again: the start is repeated under its key, and the execution is ended")
    func restored() async throws {
        let host = try await host()
        let run = try request(at: .now())
        _ = try await host.begin(run)
        #expect(try left(host) == [run.run])
        host.directory(run).remove()
        let next = try host.successor()
        await next.daemon.recover()
        #expect(try next.directory(run).request()?.argv == ["true"])
        try await eventually("the second start") { host.charon.requests(.start).count == 2 }
        #expect(Set(host.charon.requests(.start).map(\.idempotencyKey)) == ["\(run.run)/start"])
        // The supervisor's part: no caller survives a power cut, but only time shows that there is none.
        let handles = try await next.run(run)
        try handles.started()
        try handles.ended()
        #expect(await next.isDelivered(run))
        #expect(host.charon.executions.map(\.ends.count) == [1])
        #expect(host.charon.executions.first?.messages.first?.text.contains("second execution") == true)
        #expect(try left(host).isEmpty)
    }

    @Test("Files that a power cut left empty are written again from the intent")
    func empty() async throws {
        let host = try await host()
        let run = try request(at: .now())
        _ = try await host.begin(run)
        for name in ["run.json", "delivery.json"] { truncate("\(host.directory(run).path)/\(name)", 0) }
        let next = try host.successor()
        await next.daemon.recover()
        #expect(try next.directory(run).request()?.run == run.run)
        try await eventually("the execution") {
            if case .answered = try next.delivery(run).start { true } else { false }
        }
        #expect(host.charon.executions.count == 1)
    }

    @Test("A record that says more than the intent stands")
    func newer() async throws {
        let host = try await host()
        let run = try request(at: .now())
        _ = try await host.begin(run)
        let before = try host.delivery(run)
        let next = try host.successor()
        await next.daemon.recover()
        #expect(try next.delivery(run) == before)
        #expect(host.charon.requests(.start).count == 1)
        #expect(try left(host).isEmpty)
    }

    @Test("Where Charon made no execution nothing is made of the intent", arguments: [418, 404, 401])
    func refused(status: Int) async throws {
        let charon = FakeCharon()
        charon.fail(.start, .instead(.response(CharonResponse(status: status))))
        let host = try await host(charon)
        let run = try request(at: .now())
        _ = try await host.begin(run)
        #expect(host.charon.requests(.start).count == 1)
        #expect(try left(host).isEmpty)
        host.directory(run).remove()
        let next = try host.successor()
        await next.daemon.recover()
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(host.charon.executions.isEmpty)
    }

    @Test("A run that has ended is on disk and needs no intent")
    func ended() async throws {
        let host = try await host()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        #expect(try left(host) == [run.run])
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(try left(host).isEmpty)
    }

    @Test("A run that goes on for longer is put on disk in the meantime")
    func running() async throws {
        let host = try await host()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try await eventually("no intent") { try left(host).isEmpty }
        try handles.ended()
        #expect(await host.isDelivered(run))
    }

    @Test("A late start has an intent too, and none is left of it")
    func late() async throws {
        let charon = FakeCharon()
        charon.with { $0.outage = .failure(ExchangeFailure(.refused, written: false, detail: "refused")) }
        let host = try await host(charon)
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.ended()
        charon.fail(.start, .hang)
        charon.with { $0.outage = nil }
        try await eventually("the start under way") { !charon.requests(.start).isEmpty && charon.executions.isEmpty }
        #expect(try left(host) == [run.run])
        charon.release(.failure(ExchangeFailure(.reset, written: true, detail: "reset")))
        #expect(await host.isDelivered(run))
        #expect(charon.executions.map(\.ends.count) == [1])
        #expect(try left(host).isEmpty)
    }

    @Test("As many intents as the log holds are restored, and all slots are free again")
    func many() async throws {
        // Switched off meanwhile, so that no restored run makes an intent anew.
        let host = try Host(FakeCharon(["nightly": false]))
        let log = try IntentLog.open(state: host.state).log
        for _ in 0..<IntentLog.slots {
            #expect(try log.keep(IntentLog.Intent(request: request(at: .now()), at: .now())))
        }
        await host.daemon.recover()
        #expect(try left(host).isEmpty)
        #expect(try RunDirectory.all(state: host.state).count == IntentLog.slots)
    }
}
