import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("Outbox: what waits for Charon")
struct DaemonOutboxTests {
    private let root = Peer(uid: 0)

    private func waiting(_ host: Host, _ peer: Peer = Peer(uid: 0), _ page: PageRequest = PageRequest()) async throws
        -> [JSON]
    {
        try #require(await host.daemon.outbox(for: peer, page: page).parameters["runs"]?.array)
    }

    @Test("A run waits with its start, then its messages, then its end, and says why")
    func stages() async throws {
        let host = try Host()
        #expect(try await waiting(host).isEmpty)
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("one")
        try handles.write("two", .stderr)
        try handles.write("half", isPartial: true)
        var first = try #require(try await waiting(host).first)
        #expect(first["run"]?.string == run.run.text && first["slug"] == "nightly")
        #expect(first["application"] == "default" && first["next"] == "start")
        #expect(first["asked_at"]?.string == run.askedAt.rfc3339 && first["ended_at"] == nil)
        #expect(first["lines"] == 2)
        #expect(first["bytes"]?.integer == Int64(3 * 40 + "one\ntwo\nhalf\n".utf8.count))
        #expect(first["reason"]?.string?.contains("connection refused") == true)

        // Charon is back and takes everything but messages.
        let failed = [FakeCharon.Fault](repeating: .instead(.json(429)), count: 1000)
        host.charon.with {
            $0.faults[.message] = failed
            $0.outage = nil
        }
        try await eventually("its start") { try await waiting(host).first?["next"] == "messages" }
        try await eventually("its reason") { try await waiting(host).first?["reason"]?.string?.contains("429") == true }
        try handles.ended(stdout: 1, stderr: 1)
        try await eventually("its end") { try await waiting(host).first?["ended_at"] != nil }

        host.charon.with {
            $0.faults[.message] = nil
            $0.faults[.end] = failed
        }
        try await eventually("its end's turn", seconds: 60) { try await waiting(host).first?["next"] == "end" }
        first = try #require(try await waiting(host).first)
        #expect(first["bytes"] == 0 && first["lines"] == 0)
        host.charon.with { $0.faults[.end] = nil }
        #expect(await host.isDelivered(run))
        #expect(try await waiting(host).isEmpty)
        #expect(host.charon.executions.first?.ends.count == 1)
    }

    @Test("A run that goes on and has nothing to say does not wait")
    func nothing() async throws {
        let host = try Host()
        let handles = try await host.run(try request(at: .now()))
        try handles.started()
        #expect(try await waiting(host).isEmpty)
        try handles.write("one")
        try await eventually("its delivery") { try await waiting(host).isEmpty }
        try await eventually("the line") { host.charon.executions.first?.messages.count == 1 }
    }

    @Test("An open breaker is the reason, and what went wrong is for the operator")
    func breaker() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        for _ in 0..<2 { _ = try await host.run(try request(uid: 71, at: .now()) { $0.whenUnreachable = .run }) }
        try await eventually("the breaker") {
            await host.daemon.status(for: root).parameters["applications"]?.array?.first?["breaker"] == "open"
        }
        for (uid, isShown) in [(UInt32(0), true), (71, false)] {
            let runs = try await waiting(host, Peer(uid: uid))
            #expect(runs.count == 2)
            let reason = try #require(runs.first?["reason"]?.string)
            #expect(reason.hasPrefix("Charon is unreachable"))
            #expect(reason.contains("connection refused") == isShown, "\(reason)")
        }
        #expect(try await waiting(host, Peer(uid: 72)).isEmpty)
    }

    @Test("A long list comes in parts, the oldest run first")
    func pages() async throws {
        let host = try Host()
        host.charon.with { $0.outage = .refused }
        let runs = try (0..<5).map { number in
            try request(at: .now() + (Double(number) - 3600)) { $0.whenUnreachable = .run }
        }
        for run in runs.shuffled() { _ = try await host.run(run) }
        let names = runs.map(\.run.text)
        #expect(try await waiting(host).map { $0["run"]?.string } == names)
        var found: [String?] = []
        var page = PageRequest(limit: 2)
        for _ in 0..<3 {
            let reply = await host.daemon.outbox(for: root, page: page).parameters
            let part = reply["runs"]?.array ?? []
            found += part.map { $0["run"]?.string }
            page.from = part.last?["run"]?.string.flatMap(RunID.init)
            #expect(reply["more"]?.bool == (found.count < 5))
        }
        #expect(found == names)
    }

    @Test("What Charon could not take is counted, in the outbox and in the list")
    func setAside() async throws {
        let host = try Host()
        host.charon.fail(.message, .instead(.json(422)))
        host.charon.with { $0.faults[.end] = [FakeCharon.Fault](repeating: .instead(.json(429)), count: 1000) }
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("one")
        try handles.ended(stdout: 1)
        try await eventually("its end's turn") { try await waiting(host).first?["next"] == "end" }
        #expect(try await waiting(host).first?["set_aside"] == 1)
        let listed = await host.daemon.list(for: root).parameters["runs"]?.array?.first
        #expect(listed?["set_aside"] == 1 && listed?["delivered"] == false)
        host.charon.with { $0.faults[.end] = nil }
        #expect(await host.isDelivered(run))
    }

    @Test("What comes next of a run, by its record")
    func next() throws {
        let execution = try #require(ExecutionID("e1"))
        func record(_ start: DeliveryRecord.Start, _ change: (inout DeliveryRecord) -> Void = { _ in })
            -> DeliveryRecord
        {
            var record = DeliveryRecord()
            record.start = start
            change(&record)
            return record
        }
        let answered = DeliveryRecord.Start.answered(execution)
        let table: [(DeliveryRecord, hasEnded: Bool, bytes: Int64, Waiting.Next?)] = [
            (record(.unsent), false, 0, .start), (record(.sent(at: noon)), true, 9, .start),
            (record(.uncertain(at: noon)), true, 9, .start), (record(.refused("off")), true, 9, nil),
            (record(answered), false, 0, nil), (record(answered), false, 1, .messages),
            (record(answered), true, 1, .messages), (record(answered), true, 0, .end),
            (record(answered) { $0.isLate = true }, false, 0, .messages),
            (
                record(answered) {
                    $0.isLate = true
                    $0.isNoticeSent = true
                }, false, 0, nil
            ),
            (record(answered) { $0.messages = Timing.runCap.messages }, false, 9, nil),
            (record(answered) { $0.end = .answered }, true, 0, nil),
            (record(answered) { $0.end = .givenUp }, true, 9, nil),
        ]
        for (index, row) in table.enumerated() {
            let next = Waiting.next(row.0, hasEnded: row.hasEnded, bytes: row.bytes, cap: RunCap())
            #expect(next == row.3, "row \(index)")
        }
    }

    @Test("Lines are counted from one entry to another, as far as there is room")
    func lines() throws {
        let directory = try TemporaryDirectory()
        let run = try request(at: .now())
        let place = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try place.create(run)
        let long = String(repeating: "x", count: LogLine.longestText)
        for number in 0..<200 {
            try handles.write(long, isPartial: true)
            try handles.write("line \(number) F ", number % 2 == 0 ? .stdout : .stderr)
        }
        let size = try handles.output.size
        func count(from: Int64 = 0, to: Int64? = nil, room: Int64 = .max) throws -> Int64? {
            var room = room
            var delivery = DeliveryRecord()
            delivery.acknowledged = from
            return try Waiting.lines(of: place, delivery, to: to ?? size, room: &room)
        }
        #expect(try count() == 200)
        #expect(try count(from: Int64(40 + long.utf8.count + 1)) == 200)
        #expect(try count(from: size) == 0)
        #expect(try count(to: size - 1) == 199)
        #expect(try count(room: 1 << 20) == nil)
        // Text that is no record ends in no line.
        try handles.output.write("no record\n\n".utf8)
        #expect(try count(to: handles.output.size) == 200)
    }
}
