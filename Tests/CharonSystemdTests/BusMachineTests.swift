import CharonCore
import Testing

@testable import CharonSystemd

@Suite("What is asked of systemd and answered")
struct BusMachineTests {
    private var machine = BusMachine()

    private static func scope(_ slug: String = "nightly") throws -> ScopeRequest {
        ScopeRequest(
            slug: try #require(Slug(slug)), run: try #require(RunID("20260301T020000000-0123456789ab")), process: 4711,
            description: "nightly", stopSignal: 15, grace: .seconds(10))
    }

    /// Cookies are 100 + ticket.
    private mutating func deliver(_ actions: [BusMachine.Action], at now: Int64 = 0) {
        for case .send(let ticket, _, _) in actions { machine.sent(ticket, cookie: 100 + ticket, at: now) }
    }

    private mutating func connect(version: String = "249.11", root: String = "") -> [BusMachine.Action] {
        deliver(machine.connected(at: 0))
        let early = machine.receive(.answer(cookie: 100, text: version))
        #expect(early.isEmpty)
        let actions = machine.receive(.answer(cookie: 101, text: root))
        deliver(actions)
        return actions
    }

    @Test("Nothing is sent before the manager's version and control group are known, then everything in order")
    mutating func facts() throws {
        let scope = try Self.scope()
        #expect(machine.add(2, .property("SystemState"), at: 0) == [])
        #expect(machine.add(3, .scope(scope), at: 0) == [])
        #expect(machine.isBusy)
        let actions = connect()
        #expect(
            actions == [
                .send(2, .property("SystemState"), hasOOMPolicy: false), .send(3, .scope(scope), hasOOMPolicy: false),
            ])
    }

    @Test(
        "Scopes know OOMPolicy= from systemd 252 on",
        arguments: [("251.4", false), ("252.38-1~deb12u1", true), ("253", true), ("v257.4-1", true), ("", false)])
    mutating func policy(version: String, expected: Bool) throws {
        _ = connect(version: version)
        let scope = try Self.scope()
        #expect(machine.add(2, .scope(scope), at: 0) == [.send(2, .scope(scope), hasOOMPolicy: expected)])
    }

    @Test(
        "A scope is there when its job is done, not when it has been queued", arguments: ["", "/", "/machine.slice/m"])
    mutating func scope(root: String) throws {
        _ = connect(root: root)
        let scope = try Self.scope()
        deliver(machine.add(2, .scope(scope), at: 0))
        #expect(machine.receive(.answer(cookie: 102, text: "/org/freedesktop/systemd1/job/1234")) == [])
        #expect(machine.receive(.jobRemoved(unit: "cron.service", result: "done")) == [])
        #expect(machine.receive(.answer(cookie: 4711, text: "")) == [])
        #expect(machine.isBusy)
        let path = "\(root == "/" ? "" : root)/charon.slice/charon-nightly-20260301T020000000-0123456789ab.scope"
        #expect(machine.receive(.jobRemoved(unit: scope.unit, result: "done")) == [.finish(2, .success(path))])
        #expect(!machine.isBusy)
        #expect(machine.nextDeadline == nil)
        #expect(machine.receive(.jobRemoved(unit: scope.unit, result: "done")) == [])
    }

    @Test("Many are under way at once, never more than the bus allows, and end in any order")
    mutating func pipelined() throws {
        _ = connect()
        let scopes = try (2..<202).map { try Self.scope("job-\($0)") }
        var waiting: [UInt64] = []
        var sent = 0
        var done = 0
        for (index, scope) in scopes.enumerated() {
            let actions = machine.add(UInt64(index + 2), .scope(scope), at: 0)
            for case .send(let ticket, _, _) in actions { waiting.append(ticket) }
            deliver(actions)
        }
        sent = waiting.count
        #expect(waiting == Array(2..<2 + UInt64(BusMachine.window)))
        // A question is not held back by scopes.
        #expect(
            machine.add(500, .property("SystemState"), at: 0) == [
                .send(500, .property("SystemState"), hasOOMPolicy: false)
            ])
        machine.sent(500, cookie: 600, at: 0)
        #expect(machine.receive(.answer(cookie: 600, text: "running")) == [.finish(500, .success("running"))])
        while let ticket = waiting.popLast() {
            #expect(machine.receive(.answer(cookie: 100 + ticket, text: "/org/freedesktop/systemd1/job/1")) == [])
            let unit = scopes[Int(ticket) - 2].unit
            let actions = machine.receive(.jobRemoved(unit: unit, result: "done"))
            #expect(actions.first == .finish(ticket, .success("/charon.slice/\(unit)")))
            done += 1
            for case .send(let next, _, _) in actions {
                waiting.append(next)
                sent += 1
            }
            deliver(actions)
            #expect(sent == min(200, BusMachine.window + done))
        }
        #expect(done == 200)
        #expect(!machine.isBusy)
    }

    @Test("A scope that waited for room for ten seconds is not asked for any more")
    mutating func expiredInQueue() throws {
        _ = connect()
        for ticket in 2..<2 + UInt64(BusMachine.window) {
            deliver(machine.add(ticket, .scope(try Self.scope("job-\(ticket)")), at: 0), at: 9000)
        }
        let next = try Self.scope("next")
        #expect(machine.add(90, .scope(try Self.scope("late")), at: 0) == [])
        #expect(machine.add(91, .scope(next), at: 4000) == [])
        let error = ManagerError(.timedOut, "systemd did not answer in time")
        #expect(machine.expire(at: 9999) == [])
        #expect(machine.expire(at: 10_000) == [.finish(90, .failure(error))])
        let refusal = ManagerError(.refused, "systemd refused it: no")
        #expect(
            machine.receive(.error(cookie: 102, name: "", text: "no")) == [
                .finish(2, .failure(refusal)), .send(91, .scope(next), hasOOMPolicy: false),
            ])
    }

    @Test("What systemd says no to fails with its words")
    mutating func refused() throws {
        _ = connect()
        deliver(machine.add(2, .scope(try Self.scope("a")), at: 0))
        deliver(machine.add(3, .scope(try Self.scope("b")), at: 0))
        let refused = machine.receive(
            .error(cookie: 102, name: "org.freedesktop.systemd1.UnitExists", text: "Unit was already loaded."))
        #expect(
            refused == [
                .finish(2, .failure(ManagerError(.refused, "systemd refused it: Unit was already loaded.")))
            ])
        let unit = try Self.scope("b").unit
        #expect(
            machine.receive(.jobRemoved(unit: unit, result: "canceled")) == [
                .finish(3, .failure(ManagerError(.refused, "systemd did not start \(unit): canceled")))
            ])
    }

    @Test("The same scope twice is refused at once, and the first goes on")
    mutating func twice() throws {
        _ = connect()
        let scope = try Self.scope()
        deliver(machine.add(2, .scope(scope), at: 0))
        let error = ManagerError(.refused, "\(scope.unit) has been asked for already")
        #expect(machine.add(3, .scope(scope), at: 0) == [.finish(3, .failure(error))])
        #expect(
            machine.receive(.jobRemoved(unit: scope.unit, result: "done"))
                == [.finish(2, .success("/charon.slice/\(scope.unit)"))])
    }

    @Test("A scope that takes five seconds is given up, and its job is cancelled")
    mutating func late() throws {
        _ = connect()
        let scope = try Self.scope()
        deliver(machine.add(2, .scope(scope), at: 1000), at: 1000)
        _ = machine.receive(.answer(cookie: 102, text: "/org/freedesktop/systemd1/job/1234"))
        #expect(machine.nextDeadline == 6000)
        #expect(machine.expire(at: 5999) == [])
        let error = ManagerError(.timedOut, "systemd did not answer in time")
        #expect(machine.expire(at: 6000) == [.cancel(job: 1234), .finish(2, .failure(error))])
        #expect(machine.receive(.jobRemoved(unit: scope.unit, result: "canceled")) == [])
    }

    @Test("Without the first answers everything fails, and the connection is given up")
    mutating func silent() throws {
        _ = machine.add(2, .property("SystemState"), at: 4000)
        deliver(machine.connected(at: 0))
        let error = ManagerError(.timedOut, "systemd did not answer in time")
        #expect(machine.expire(at: 5000) == [.disconnect, .finish(2, .failure(error))])
        #expect(!machine.isBusy)
    }

    @Test("A connection that breaks fails what is under way; the next one begins anew")
    mutating func lost() throws {
        _ = connect()
        deliver(machine.add(2, .scope(try Self.scope()), at: 0))
        let error = ManagerError(.unavailable, "gone")
        #expect(machine.lost(error) == [.finish(2, .failure(error))])
        #expect(machine.add(3, .property("SystemState"), at: 0) == [])
        #expect(connect() == [.send(3, .property("SystemState"), hasOOMPolicy: false)])
        #expect(machine.receive(.answer(cookie: 103, text: "stopping")) == [.finish(3, .success("stopping"))])
    }
}
