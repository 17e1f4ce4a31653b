import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Outbox: retry, drop, and what was set aside")
struct DaemonOrdersTests {
    private let root = Peer(uid: 0)

    /// A run of which Charon refuses the only message.
    private func refused(_ host: Host, uid: UInt32 = 0) async throws -> (RunRequest, RunDirectory.Handles) {
        host.charon.fail(.message, .instead(.json(422)))
        let run = try request(uid: uid, at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("bad")
        try await eventually("the refusal, and the placeholder") {
            let setAside = try host.directory(run).delivery()?.setAside
            return setAside?.count == 1 && setAside?.placeholder == nil
        }
        return (run, handles)
    }

    private func setAside(_ host: Host, _ peer: Peer = Peer(uid: 0)) async throws -> [JSON] {
        try #require(await host.daemon.setAside(for: peer).parameters["runs"]?.array)
    }

    @Test("What was set aside of a delivered run is listed, and sent again under its first key")
    func delivered() async throws {
        let host = try Host()
        let (run, handles) = try await refused(host)
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        let listed = try #require(try await setAside(host).first)
        #expect(listed["run"]?.string == run.run.text && listed["delivered"] == true && listed["lines"] == 1)
        #expect(listed["messages"]?.array?.first?["status"] == 422)
        let reply = await host.daemon.resend(run.run, for: root)
        #expect(reply.error == nil && reply.parameters["sent"] == 1 && reply.parameters["reason"] == nil)
        #expect(try await setAside(host).isEmpty)
        let messages = host.charon.requests(.message).filter { $0.idempotencyKey?.hasSuffix("placeholder") == false }
        #expect(messages.count == 2 && Set(messages.compactMap(\.idempotencyKey)).count == 1)
        #expect(host.charon.executions.first?.messages.last?.text == "bad")
        // A second time there is nothing left, and nothing is sent.
        let second = await host.daemon.resend(run.run, for: root)
        #expect(second.parameters["sent"] == 0 && second.parameters["waiting"] == 0)
        #expect(host.charon.executions.first?.messages.count == 2)
    }

    @Test("Of a run that goes on, its own follower sends it again")
    func live() async throws {
        let host = try Host()
        let (run, handles) = try await refused(host)
        let again = await host.daemon.resend(run.run, for: root)
        #expect(again.parameters["sent"] == 1 && again.parameters["waiting"] == 1, "\(again)")
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        let end = try #require(host.charon.executions.first?.ends.first)
        #expect(end.text.contains("1 line on stdout") && !end.text.contains("set aside"))
        #expect(!end.text.contains("not sent"))
    }

    @Test("One that is refused again stays, and the operator reads why")
    func refusedAgain() async throws {
        let host = try Host()
        let (run, handles) = try await refused(host)
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        host.charon.fail(.message, .instead(.json(400)))
        let reply = await host.daemon.resend(run.run, for: root)
        #expect(reply.parameters["refused"] == 1 && reply.parameters["sent"] == 0)
        #expect(reply.parameters["reason"]?.string?.contains("400") == true)
        #expect(try await setAside(host).first?["messages"]?.array?.first?["status"] == 400)
    }

    @Test("A dropped run waits no longer, and Charon never hears of it")
    func drop() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(run)
        try handles.started()
        try handles.ended()
        try await eventually("its wait") {
            await host.daemon.outbox(for: root).parameters["runs"]?.array?.count == 1
        }
        #expect(await host.daemon.drop(run.run, for: root).error == nil)
        try await eventually("its end") {
            await host.daemon.outbox(for: root).parameters["runs"]?.array?.isEmpty == true
        }
        #expect(try host.delivery(run).note?.hasPrefix("dropped by uid 0 at ") == true)
        host.charon.with { $0.outage = nil }
        let later = try request(at: .now())
        let next = try await host.run(later)
        try next.started()
        try next.ended()
        #expect(await host.isDelivered(later))
        #expect(host.charon.executions.count == 1)
    }

    @Test("A drop of a delivered run forgets what was set aside")
    func dropSetAside() async throws {
        let host = try Host()
        let (run, handles) = try await refused(host)
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        #expect(await host.daemon.drop(run.run, for: root).error == nil)
        #expect(try await setAside(host).isEmpty)
        #expect(try host.delivery(run).end == .answered)
    }

    @Test("All that waits is told to go on, or that of one application")
    func goOn() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        for _ in 0..<2 {
            let handles = try await host.run(try request(at: .now()) { $0.whenUnreachable = .run })
            try handles.started()
        }
        try await eventually("the breaker") {
            await host.daemon.status(for: root).parameters["applications"]?.array?.first?["breaker"] == "open"
        }
        let before = host.charon.requests(.canStart).count
        #expect(await host.daemon.goOn("default", for: root).parameters["waiting"] == 2)
        #expect(await host.daemon.goOn(nil, for: root).parameters["waiting"] == 2)
        #expect(await host.daemon.goOn("other", for: root).error?.hasSuffix("InvalidParameter") == true)
        try await eventually("a request") { host.charon.requests(.canStart).count > before }
    }

    @Test("Others than those who run the daemon may do none of it, and see their own")
    func rights() async throws {
        let host = try Host()
        let (run, handles) = try await refused(host, uid: 71)
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
        let user = Peer(uid: 71)
        for reply in [
            await host.daemon.goOn(nil, for: user), await host.daemon.resend(run.run, for: user),
            await host.daemon.drop(run.run, for: user),
        ] { #expect(reply.error?.hasSuffix("PermissionDenied") == true) }
        #expect(try await setAside(host, user).count == 1)
        #expect(try await setAside(host, Peer(uid: 72)).isEmpty)
        #expect(await host.daemon.drop(RunID(at: noon), for: root).error?.hasSuffix("NoSuchRun") == true)
    }
}
