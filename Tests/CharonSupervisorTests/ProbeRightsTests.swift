import CharonAPI
import CharonControl
import CharonCore
import CharonSupervisor
import Testing

@Suite("Probe: who may")
struct ProbeRightsTests {
    private func probe(_ host: Host, _ name: String, uid: UInt32, application: String? = nil) async throws
        -> VarlinkReply
    {
        let json: JSON = ["slug": .string(name), "application": application.map { .string($0) }]
        return await ControlService(host.daemon, policies: Policies(), version: "")
            .probe(json, Peer(uid: uid))
    }

    @Test("Whoever may begin a slug may probe it, and claims nothing by that")
    func claims() async throws {
        let host = try Host(FakeCharon(["nightly": true, "wrapped": true]))
        #expect(try await probe(host, "nightly", uid: 1001).parameters["result"] == "yes")
        #expect(try await probe(host, "nightly", uid: 1002).parameters["result"] == "yes")
        _ = try await host.run(try request(uid: 1001, at: .now()))
        #expect(try await probe(host, "nightly", uid: 1001).parameters["result"] == "yes")
        let refused = try await probe(host, "nightly", uid: 1002)
        #expect(refused.error?.hasSuffix(".PermissionDenied") == true)
        #expect(refused.parameters["reason"]?.string?.contains("1001") == true)
        #expect(try await probe(host, "wrapped", uid: 71).parameters["result"] == "yes")
        #expect(try await probe(host, "wrapped", uid: 72).error?.hasSuffix(".PermissionDenied") == true)
        #expect(try await probe(host, "nightly", uid: 0).parameters["result"] == "yes")
        let asked = host.charon.requests(.canStart).count
        _ = try await probe(host, "wrapped", uid: 72)
        #expect(host.charon.requests(.canStart).count == asked)
    }

    @Test("Where a host reports to is not everybody's to know")
    func addresses() async throws {
        let host = try Host()
        let faults: [FakeCharon.Fault?] = [
            nil, .instead(.json(500)),
            .instead(.failure(ExchangeFailure(.refused, written: false, detail: "charon.test:443: refused"))),
        ]
        for fault in faults {
            for (uid, isShown) in [(UInt32(1001), false), (0, true)] {
                if let fault { host.charon.fail(.canStart, fault) }
                let reply = try await probe(host, "nightly", uid: uid)
                #expect(reply.error == nil)
                #expect(reply.parameters.description.contains("charon.test") == isShown, "\(reply)")
            }
        }
    }

    @Test("A user has one probe at a time; the operator's are not counted")
    func turns() async throws {
        let host = try Host()
        let service = ControlService(host.daemon, policies: Policies(), version: "")
        host.charon.fail(.canStart, .hang)
        async let first = service.probe(["slug": "nightly"], Peer(uid: 1001))
        try await eventually("the first") { host.charon.requests(.canStart).count == 1 }
        #expect(await service.probe(["slug": "nightly"], Peer(uid: 1001)).error?.hasSuffix(".Busy") == true)
        #expect(await service.probe(["slug": "nightly"], Peer(uid: 1002)).parameters["result"] == "yes")
        #expect(await service.probe(["slug": "nightly"], Peer(uid: 0)).parameters["result"] == "yes")
        host.charon.release(.json(200, ["active": false]))
        #expect(await first.parameters["result"] == "no")
        #expect(await service.probe(["slug": "nightly"], Peer(uid: 1001)).parameters["result"] == "yes")
    }

    @Test("An unknown application is named with those that there are")
    func unknown() async throws {
        let reply = try await probe(try Host(), "nightly", uid: 0, application: "shop")
        #expect(reply.error?.hasSuffix(".InvalidParameter") == true)
        #expect(reply.parameters["parameter"]?.string?.contains("no application shop") == true)
    }

    @Test("A daemon that is stopping begins no probe")
    func stopping() async throws {
        let host = try Host()
        await host.daemon.stop()
        #expect(try await probe(host, "nightly", uid: 0).error?.hasSuffix(".Busy") == true)
    }
}
