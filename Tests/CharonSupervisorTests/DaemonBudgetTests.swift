import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("The daemon: its disk budget")
struct DaemonBudgetTests {
    private static let kilobyte = String(repeating: "k", count: 950)

    private func host(kib: Int64 = 256, files: Int64 = 1000, state: String? = nil) throws -> Host {
        try Host(state: state) { configuration in
            configuration.budget.limit = DiskUse(bytes: kib << 10, files: files)
            configuration.budget.free = 0
        }
    }

    /// A run that Charon has, asked for so many seconds ago.
    private func deliver(
        _ host: Host, age: Double, lines: Int = 75, _ change: (inout DeliveryRecord) -> Void = { _ in }
    ) throws -> RunRequest {
        let run = try request(at: .now() + -age)
        let directory = host.directory(run)
        let handles = try directory.create(run)
        try write(lines, to: handles)
        var ended = SupervisorRecord.Ended(at: .now(), outcome: .exited(code: 0), exitCode: 0)
        ended.outputBytes = try handles.output.size
        var delivery = try Delivery.record()
        delivery.acknowledged = ended.outputBytes
        delivery.end = .answered
        change(&delivery)
        try directory.write(delivery, durability: .process)
        try directory.write(ended, durability: .process)
        return run
    }

    private func write(_ lines: Int, to handles: RunDirectory.Handles) throws {
        try write(0..<lines, to: handles)
    }

    /// In one piece: what is tested here is not how a supervisor writes.
    private func write(_ numbers: Range<Int>, to handles: RunDirectory.Handles) throws {
        let time = Instant.now().rfc3339
        try handles.output.write(numbers.map { "\(time) stdout F \($0) \(Self.kilobyte)\n" }.joined().utf8)
    }

    private func runs(_ host: Host) throws -> [RunID] { try RunDirectory.all(state: host.state).map(\.run).sorted() }

    private func use(_ host: Host, _ run: RunRequest) -> Int64 { host.directory(run).outputUse }

    @Test("Delivered runs become lines of the history, the oldest first, and the status says what is left")
    func delivered() async throws {
        let host = try host()
        let ages: [Double] = [5000, 4000, 3000, 2000, 1000]
        let all = try ages.map { try deliver(host, age: $0) }
        #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["disk"] == nil)
        await host.daemon.keepBudget()
        #expect(try runs(host) == all.dropFirst(3).map(\.run))
        #expect(host.history.compactMap { $0["run"]?.string } == all.prefix(3).map(\.run.text))
        #expect(host.history.first?["execution"] == "e1")
        let disk = await host.daemon.status(for: Peer(uid: 0)).parameters["disk"]
        #expect(disk?["most_bytes"] == 262_144 && disk?["most_files"] == 1000)
        let bytes = try #require(disk?["bytes"]?.integer)
        #expect((150 << 10..<231 << 10).contains(bytes))
        #expect(await host.daemon.status(for: Peer(uid: 71)).parameters["disk"] == nil)
        // What is known is not measured again, and what comes is.
        await host.daemon.keepBudget()
        #expect(try runs(host).count == 2)
        let next = try deliver(host, age: 0, lines: 0)
        #expect(try runs(host).last == next.run)
    }

    @Test("By files, as by bytes; what cannot be read, or is not delivered, is left")
    func files() async throws {
        let host = try host(files: 40)
        let all = try (0..<8).map { try deliver(host, age: 8000 - Double($0), lines: 0) }
        let open = try deliver(host, age: 9000, lines: 0) { $0.end = .unsent }
        try Descriptor.open(host.directory(all[0]).path + "/delivery.json", O_WRONLY | O_TRUNC).write("{}".utf8)
        await host.daemon.keepBudget()
        let left = try runs(host)
        #expect(left.contains(open.run) && left.contains(all[0].run))
        #expect(!left.contains(all[1].run) && left.contains(all[7].run))
        #expect(DiskUse(of: host.state + "/runs").files < 40)
    }

    @Test("The middle of what waits goes while the command writes; Charon gets the ends, and the number of the rest")
    func cut() async throws {
        let host = try host()
        host.charon.with { $0.outage = .refused }
        let small = try request(at: .now()) { $0.whenUnreachable = .run }
        let smallHandles = try await host.run(small)
        try smallHandles.started()
        try write(20, to: smallHandles)
        let large = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(large)
        try handles.started()
        var written = 0
        for round in 1...3 {
            try write(written..<written + 300, to: handles)
            written += 300
            #expect(await !host.daemon.keepBudget())
            try await eventually("the cut of round \(round)") { use(host, large) < 231 << 10 }
            #expect(await host.daemon.keepBudget())
        }
        try handles.ended(.exited(code: 4), stdout: 900)
        try smallHandles.ended(stdout: 20)
        let dropped = try host.delivery(large).dropped
        #expect(dropped.gaps.count == 1 && dropped.lines > 600)
        #expect(try host.delivery(small).dropped == DeliveryRecord.Dropped())
        let peer = Peer(uid: 0)
        let waiting = await host.daemon.outbox(for: peer).parameters["runs"]?.array ?? []
        let described = try #require(waiting.first { $0["run"]?.string == large.run.text })
        #expect(described["lines"]?.integer == 900 - dropped.lines)
        #expect(described["bytes"]?.integer == (try handles.output.size) - dropped.bytes)
        #expect(described["dropped"]?["lines"]?.integer == dropped.lines)

        host.charon.with { $0.outage = nil }
        await host.daemon.goOn(application: nil)
        for run in [small, large] { #expect(await host.isDelivered(run)) }
        let executions = host.charon.executions
        let numbers = executions.map { execution in
            execution.messages.flatMap { $0.text.split(separator: "\n") }.compactMap { line in
                line.contains("kkk") ? line.split(separator: " ").first.flatMap { Int($0) } : nil
            }
        }
        #expect(numbers.contains(Array(0..<20)))
        let kept = try #require(numbers.first { $0.count > 20 })
        let before = try #require(kept.firstIndex { $0 > 300 })
        #expect(kept == Array(0..<before) + Array(900 - (kept.count - before)..<900))
        #expect(Int64(kept.count) + dropped.lines == 900)
        let notices = executions.flatMap(\.messages).filter { $0.text.contains("were dropped here") }
        #expect(notices.map(\.type) == ["warning"])
        #expect(notices.first?.text.hasPrefix("\(dropped.lines) lines (\(dropped.bytes) bytes)") == true)
        let listed = await host.daemon.list(for: peer).parameters["runs"]?.array ?? []
        #expect(listed.contains { $0["dropped"]?["bytes"]?.integer == dropped.bytes })
    }

    @Test("Of a running command goes what Charon has, without a loss; what it could not take stays")
    func spare() async throws {
        let host = try host()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        host.charon.fail(.message, .instead(.json(422)))
        try handles.write("<3>set aside", .stderr)
        try await eventually("the refusal") { try host.delivery(run).setAside.count == 1 }
        try write(200, to: handles)
        let size = try handles.output.size
        try await eventually("what fits into the burst", seconds: 60) {
            try host.delivery(run).acknowledged > 180 << 10
        }
        host.charon.with { $0.outage = .refused }
        try write(120, to: handles)
        let before = use(host, run)
        await host.daemon.keepBudget()
        try await eventually("room") { use(host, run) < before - (100 << 10) }
        let delivery = try host.delivery(run)
        #expect(delivery.dropped == DeliveryRecord.Dropped())
        let reader = try OutputReader(host.directory(run))
        #expect(try reader.entries(from: 0, to: 1000).first?.line.text == Array("<3>set aside".utf8))
        #expect(try reader.size > size)
        var room = Int64.max
        let rest = try reader.lines(from: delivery.acknowledged, to: reader.size, room: &room)
        #expect(delivery.lines + delivery.setAside.lines + (rest ?? 0) == 321)
    }

    @Test("Where a file cannot have holes nothing is called dropped", .enabled(if: geteuid() == 0, "needs root"))
    func withoutHoles() async throws {
        let directory = try TemporaryDirectory()
        try #require(mount("ramfs", directory.path, "ramfs", 0, nil) == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let host = try host(state: directory.path + "/state")
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(run)
        try handles.started()
        try write(500, to: handles)
        try #require(try !host.directory(run).canDropOutput())
        #expect(await host.daemon.keepBudget())
        #expect(try host.delivery(run).dropped == DeliveryRecord.Dropped())
        #expect(try OutputReader(host.directory(run)).entries(from: 0).first?.line.text.starts(with: "0 ".utf8) == true)
    }

    @Test("Beyond a small budget a record that is not delivered keeps both of its ends and its outcome")
    func least() async throws {
        let host = try host(kib: 1)
        host.charon.with { $0.outage = .refused }
        let run = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(run)
        try handles.started()
        try write(150, to: handles)
        try handles.ended(.exited(code: 9), stdout: 150)
        try await eventually("the outcome") { try host.directory(run).exit() != nil }
        await host.daemon.keepBudget()
        try await eventually("the cut") { use(host, run) <= DiskBudget.leastKept + 8192 }
        #expect(await host.daemon.keepBudget(), "there is nothing more to take")
        host.charon.with { $0.outage = nil }
        await host.daemon.goOn(application: nil)
        #expect(await host.isDelivered(run))
        let execution = try #require(host.charon.executions.first)
        #expect(execution.ends.count == 1 && execution.ends.first?.text.hasPrefix("exited with code 9") == true)
        #expect(execution.messages.last?.text.contains("149 ") == true)
    }

    @Test("Growth is told of once it is enough, and not before")
    func growth() async throws {
        let growth = DiskGrowth()
        growth.restart(until: DiskUse(bytes: 100, files: 10))
        let looks = Counter()
        let task = Task {
            while !Task.isCancelled {
                await growth.wait()
                looks.add()
            }
        }
        growth.add(bytes: 100, files: 10)
        #expect(looks.value == 0)
        growth.add(bytes: 1)
        growth.add(bytes: 1000)
        try await eventually("a look") { looks.value == 1 }
        growth.restart(until: DiskUse(bytes: 100, files: 10))
        growth.add(files: 11)
        try await eventually("a look") { looks.value == 2 }
        task.cancel()
        await task.value
        #expect(looks.value == 3, "the last is the cancellation's")
    }
}
