import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("Logs: what a run has written, part by part")
struct DaemonLogsTests {
    private let root = Peer(uid: 0)

    /// A record without a daemon's part in it.
    private func record(_ host: Host, uid: UInt32 = 0) throws -> (RunRequest, RunDirectory.Handles) {
        let run = try request(uid: uid, at: .now())
        return (run, try host.directory(run).create(run))
    }

    private func logs(_ host: Host, _ json: JSON, _ peer: Peer = Peer(uid: 0)) async -> VarlinkReply {
        await ControlService(host.daemon, policies: Policies(), version: "1").logs(json, peer)
    }

    private func lines(_ reply: VarlinkReply) -> [JSON] { reply.parameters["lines"]?.array ?? [] }

    private func texts(_ reply: VarlinkReply) -> [String?] { lines(reply).map { $0["text"]?.string } }

    @Test("Lines come with time, stream and level, blocks as one, and offsets to go on from")
    func content() async throws {
        let host = try Host()
        let (run, handles) = try record(host)
        let before = Instant.now()
        try handles.write("plain")
        try handles.write("PHP Fatal error:  Uncaught Exception: no in /a.php:1", .stderr)
        try handles.write("Stack trace:", .stderr)
        try handles.write("#0 {main}", .stderr)
        try handles.write("<4>careful")
        let first = await logs(host, ["run": .string(run.run.text)])
        #expect(lines(first).map { $0["level"] } == ["info", "error", "error", "error", "warning"])
        #expect(lines(first).map { $0["stream"] } == ["stdout", "stderr", "stderr", "stderr", "stdout"])
        #expect(texts(first).last == "careful" && first.parameters["slug"] == "nightly")
        let at = try #require(lines(first).first?["at"]?.string.flatMap { Instant(rfc3339: $0.utf8) })
        #expect(at >= before && at <= .now())
        let next = try #require(first.parameters["next"]?.integer)
        #expect(next == (try handles.output.size) && first.parameters["more"] == false)
        #expect(first.parameters["kept"] == true && first.parameters["ended"] == true)
        // Nothing new, then a line whose end has not come, which is nothing yet.
        let json: JSON = ["run": .string(run.run.text), "from": .integer(next)]
        #expect(await logs(host, json).parameters["next"]?.integer == next)
        try handles.output.write("2026-01-01T00:00:00.000000000Z stdout F half".utf8)
        let torn = await logs(host, json)
        #expect(lines(torn).isEmpty && torn.parameters["next"]?.integer == next && torn.parameters["more"] == false)
        try handles.output.write(" and half\n".utf8)
        #expect(await texts(logs(host, json)) == ["half and half"])
        // From the middle of a block its lines keep their level.
        let offset = try #require(lines(first)[2]["offset"]?.integer)
        let middle = await logs(host, ["run": .string(run.run.text), "from": .integer(offset)])
        #expect(lines(middle).first?["level"] == "error" && texts(middle).first == "Stack trace:")
    }

    @Test("Parts of a line and bytes that are no UTF-8 are marked, so that a caller can join them")
    func parts() async throws {
        let host = try Host()
        let (run, handles) = try record(host)
        try handles.write("one ", .stderr, isPartial: true)
        try handles.write("between")
        try handles.write("line", .stderr)
        try handles.output.write(Array("\(Instant.now().rfc3339) stdout F ".utf8) + [0xFF, 0x00, 0x41, 0x0A])
        let reply = await logs(host, ["run": .string(run.run.text)])
        #expect(lines(reply).map { $0["partial"] } == [true, nil, nil, nil])
        #expect(texts(reply) == ["one ", "between", "line", nil])
        #expect(lines(reply).map { $0["level"] } == ["warning", "info", "warning", "info"])
        #expect(RecordedText.bytes(of: lines(reply)[3]) == [0xFF, 0x00, 0x41])
        #expect(RecordedText.bytes(of: lines(reply)[1]) == Array("between".utf8))
    }

    @Test("Whatever the output is, no reply is longer than a client takes, and nothing is lost or doubled")
    func bounds() async throws {
        let host = try Host()
        let (run, handles) = try record(host)
        // Each character takes six bytes in JSON; the short lines take more room in a reply than in the record.
        let long = String(repeating: "\u{1}", count: LogLine.longestText)
        for number in 0..<30 { try handles.write("\(number)" + long.dropFirst(2), isPartial: number < 29) }
        for number in 0..<5000 { try handles.write("\(number)") }
        var found: [String] = []
        var (next, more, replies) = (Int64(0), true, 0)
        while more {
            let reply = await logs(host, ["run": .string(run.run.text), "from": .integer(next)])
            #expect(reply.frame.count <= ControlInterface.longestMessage)
            found += texts(reply).compactMap(\.self)
            more = reply.parameters["more"]?.bool ?? false
            let then = reply.parameters["next"]?.integer ?? 0
            try #require(then > next)
            (next, replies) = (then, replies + 1)
        }
        #expect(next == (try handles.output.size) && replies > 10)
        try #require(found.count == 5030)
        #expect(found[..<30].enumerated().allSatisfy { $1.hasPrefix("\($0)\u{1}") && $1.utf8.count >= 16_383 })
        #expect(Array(found[30...]) == (0..<5000).map { "\($0)" })
    }

    @Test("By stream, level and time; what is left out is passed over")
    func filters() async throws {
        let host = try Host()
        let (run, handles) = try record(host)
        try handles.write("error: early", .stderr)
        try await Task.sleep(for: .milliseconds(2))
        let then = Instant.now().rfc3339
        try handles.write("out")
        try handles.write("err", .stderr)
        try handles.write("error: late")
        func texts(_ json: JSON) async -> [String?] {
            guard case .object(let members) = json else { return [] }
            let reply = await logs(host, .object(members + [.init("run", .string(run.run.text))]))
            #expect(reply.parameters["next"]?.integer == (try? handles.output.size))
            return self.texts(reply)
        }
        #expect(await texts(["stream": "stdout"]) == ["out", "error: late"])
        #expect(await texts(["stream": "stderr", "since": .string(then)]) == ["err"])
        #expect(await texts(["since": .string(then)]) == ["out", "err", "error: late"])
        #expect(await texts(["level": "error"]) == ["error: early", "error: late"])
        #expect(await texts(["level": "warning", "stream": "stderr"]) == ["error: early", "err"])
        let wrong: [String: [JSON]] = [
            "run": [7, "x"], "from": [-1, "0", .real(1.5)], "stream": ["stdin", 1], "level": ["debug", 3],
            "since": ["yesterday", 7],
        ]
        for (name, values) in wrong {
            for value in values {
                let json: JSON = .object([.init("run", .string(run.run.text)), .init(name, value)])
                let reply = await logs(host, json)
                #expect(
                    reply.error?.hasSuffix(".InvalidParameter") == true && reply.parameters["parameter"]?.string == name
                )
            }
        }
    }

    @Test("What the disk budget took is named in its place")
    func gaps() async throws {
        let host = try Host()
        let (run, handles) = try record(host)
        let filler = String(repeating: "x", count: 200)
        var bounds: [Int64] = [0]
        for number in 0..<2000 {
            try handles.write("\(number) \(filler)")
            bounds.append(try handles.output.size)
        }
        let gap = DeliveryRecord.Batch(from: bounds[100], to: bounds[1900])
        var delivery = DeliveryRecord()
        delivery.dropped.add(.init(bytes: gap, lines: 1800))
        let directory = host.directory(run)
        try directory.write(delivery, durability: .process)
        try directory.dropOutput([gap])
        func all() async throws -> [JSON] {
            var (found, next, more): ([JSON], Int64, Bool) = ([], 0, true)
            while more {
                let reply = await logs(host, ["run": .string(run.run.text), "from": .integer(next)])
                found += lines(reply)
                (next, more) = (reply.parameters["next"]?.integer ?? 0, reply.parameters["more"]?.bool ?? false)
            }
            return found
        }
        var found = try await all()
        try #require(found.count == 201)
        #expect(found[100]["dropped"] == ["bytes": .integer(gap.to - gap.from), "lines": 1800])
        #expect(found[100]["offset"]?.integer == gap.from)
        #expect(found[99]["text"]?.string?.hasPrefix("99 ") == true)
        #expect(found[101]["text"]?.string?.hasPrefix("1900 ") == true)
        // And what Charon had, up to the middle of a line, of which nobody knows how many they were.
        try directory.dropOutput([.init(from: 0, to: bounds[50] + 100)])
        found = try await all()
        #expect(found.first?["dropped"] == ["bytes": .integer(bounds[51])])
        #expect(found.dropFirst().first?["text"]?.string?.hasPrefix("51 ") == true)
        // All of it.
        try directory.dropOutput([.init(from: 0, to: bounds[2000])])
        found = try await all()
        #expect(found.count == 1 && found.first?["dropped"]?["bytes"]?.integer == bounds[2000])
    }

    @Test("Output is for root, the run's user and the readers' group; a run and the list are too")
    func rights() async throws {
        let host = try Host()
        let (run, handles) = try record(host, uid: 71)
        try handles.write("secret")
        let json: JSON = ["run": .string(run.run.text)]
        let service = ControlService(host.daemon, policies: Policies(), version: "1")
        let readers = [
            root, Peer(uid: 71), Peer(uid: 72, groups: [7, Host.readers]), Peer(uid: 72, gid: Host.readers),
        ]
        for peer in readers {
            #expect(await texts(logs(host, json, peer)) == ["secret"])
            #expect(await service.run(json, peer).parameters["slug"] == "nightly")
            #expect(await service.list([:], peer).parameters["runs"]?.array?.count == 1)
        }
        let other = Peer(uid: 72, gid: 72, groups: [71, 7])
        #expect(await logs(host, json, other) == .noSuchRun)
        #expect(await service.run(json, other) == .noSuchRun)
        #expect(await service.list([:], other).parameters["runs"] == [])
        #expect(await logs(host, ["run": .string(RunID(at: noon).text)]) == .noSuchRun)
    }

    @Test("A run that goes on has not ended; one whose record is gone says so, and its outcome")
    func stages() async throws {
        let host = try Host { $0.retention.runs = 0 }
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("one")
        let json: JSON = ["run": .string(run.run.text)]
        let live = await logs(host, json)
        #expect(texts(live) == ["one"] && live.parameters["ended"] == false && live.parameters["outcome"] == nil)
        let details = await host.daemon.details(of: run.run, for: root).parameters
        #expect(details["running"] == true && details["kept"] == true)
        #expect(details["path"]?.string == host.directory(run).path && details["asked"]?["argv"] == ["true"])
        #expect(details["started"]?["supervisor"]?.integer == Int64(getpid()) && details["ended"] == nil)
        #expect(details["delivery"]?["execution"] == "e1" && details["delivery"]?["gate"] == "yes")
        try handles.ended(.exited(code: 3), stdout: 1)
        #expect(await host.isDelivered(run))
        try await eventually("its retirement") { host.history.count == 1 }
        let past = await logs(host, json)
        #expect(past.parameters["kept"] == false && past.parameters["ended"] == true && lines(past).isEmpty)
        #expect(past.parameters["outcome"]?["code"] == 3)
        #expect(await logs(host, json, Peer(uid: 9)) == .noSuchRun)
        let history = await host.daemon.details(of: run.run, for: root).parameters
        #expect(history["kept"] == false && history["ended"]?["outcome"]?["code"] == 3)
        #expect(history["delivery"]?["execution"] == "e1" && history["path"] == nil)
    }

    @Test("A run that was skipped has no output, and the history says why")
    func skipped() async throws {
        let host = try Host(FakeCharon(["nightly": false]))
        let run = try request(at: .now())
        guard case .skip(.off) = try await host.begin(run) else { throw Missed() }
        let reply = await logs(host, ["run": .string(run.run.text)])
        #expect(reply.parameters["kept"] == false)
        #expect(reply.parameters["outcome"] == ["kind": "skipped", "reason": "off"])
        let details = await host.daemon.details(of: run.run, for: root).parameters
        #expect(details["ended"]?["outcome"]?["reason"] == "off" && details["slug"] == "nightly")
    }

    @Test("Of a run with the longest words that can be asked for, the details still fit into a message")
    func longDetails() async throws {
        let host = try Host()
        var run = try request(at: .now())
        run.argv = Array(repeating: String(repeating: "\u{1}", count: 5000), count: 300)
        run.directory = String(repeating: "\u{1}", count: 9000)
        _ = try host.directory(run).create(run)
        var delivery = DeliveryRecord()
        for _ in 0..<30 {
            let reason = String(repeating: "\u{1}", count: 5000)
            delivery.setAside.add(
                .init(bytes: .init(from: 0, to: 9), level: .info, lines: 1, status: 422, reason: reason, at: noon))
        }
        delivery.note = String(repeating: "\u{1}", count: 9000)
        try host.directory(run).write(delivery, durability: .process)
        let reply = await host.daemon.details(of: run.run, for: root)
        #expect(reply.error == nil && reply.frame.count <= ControlInterface.longestMessage)
        #expect(reply.parameters["asked"]?["argv"]?.array?.last == "…")
        #expect(reply.parameters["delivery"]?["set_aside"] == 30)
    }

    @Test("The list has those that failed, and those that went on at a time")
    func list() async throws {
        let host = try Host()
        let now = Instant.now()
        let table: [(age: Double, ended: Double?, RunOutcome?)] = [
            (300, 290, .exited(code: 0)), (200, 100, .exited(code: 2)), (180, 170, .lost), (150, nil, nil),
        ]
        var runs: [RunRequest] = []
        for (age, ended, outcome) in table {
            let run = try request(at: now + -age)
            _ = try host.directory(run).create(run)
            if let ended, let outcome {
                let end = SupervisorRecord.Ended(at: now + -ended, outcome: outcome, exitCode: 0)
                try host.directory(run).write(end, durability: .process)
            }
            runs.append(run)
        }
        func list(_ json: JSON) async -> [Int] {
            let reply = await ControlService(host.daemon, policies: Policies(), version: "1").list(json, root)
            let names = reply.parameters["runs"]?.array?.map { $0["run"]?.string } ?? []
            return names.compactMap { name in runs.firstIndex { $0.run.text == name } }
        }
        #expect(await list(["failed": true]) == [1, 2])
        #expect(await list(["failed": false]) == [0, 1, 2, 3])
        #expect(await list(["since": .string((now + -150).rfc3339)]) == [1, 3])
        #expect(await list(["since": .string((now + -250).rfc3339), "failed": true]) == [1, 2])
    }
}
