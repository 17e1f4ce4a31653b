import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: a daemon that dies between any two steps")
struct DeliveryCrashTests {
    /// Numbers that are the same in every run of the tests (SplitMix64).
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Where the daemon dies.
    enum Death: CaseIterable {
        case beforeRequest, afterRequest, afterAnswer
    }

    /// Charon's side: what arrived under which key.
    struct Arrivals {
        var starts: [String] = []
        var texts: [String: Set<String>] = [:]
        var order: [String] = []
        var isActive = true

        mutating func take(_ key: String, _ text: String) {
            if texts[key] == nil { order.append(key) }
            texts[key, default: []].insert(text)
        }
    }

    /// A machine, the file that outlives it, and the output that it reads.
    struct Simulation {
        let request: RunRequest
        let entries: [OutputReader.Entry]
        let cap: RunCap
        /// What the server says to a message or an end.
        let answer: (String) throws -> DeliveryAnswer
        var file: JSON
        /// The record in that file.
        var written: DeliveryRecord
        var machine: DeliveryMachine
        var now = noon
        var arrivals = Arrivals()
        var dice: Dice
        var deaths = 0
        /// One step in so many is the daemon's last.
        var stepsToDeath = 4

        init(
            _ request: RunRequest, _ entries: [OutputReader.Entry], _ record: DeliveryRecord, seed: UInt64,
            cap: RunCap = RunCap(), answer: @escaping (String) throws -> DeliveryAnswer = { _ in .accepted(id: nil) }
        ) {
            self.request = request
            self.entries = entries
            self.cap = cap
            self.answer = answer
            file = record.json
            written = record
            dice = Dice(state: seed)
            machine = DeliveryMachine(request, record, DeliveryLimits(cap: cap), at: noon)
        }

        /// Writes the file where it has to be, and now and then besides.
        mutating func save() {
            let isLate = Int.random(in: 0..<5, using: &dice) == 0
            guard isLate || !machine.record.isCovered(by: written) else { return }
            written = machine.record
            file = written.json
        }

        /// A new daemon finds what the last one wrote.
        mutating func restart() throws {
            deaths += 1
            let record = try #require(DeliveryRecord(json: JSON.parse(file.bytes)))
            #expect(record.json == file)
            written = record
            machine = DeliveryMachine(request, record, DeliveryLimits(cap: cap), at: now)
        }

        /// What the machine wants of what has been written by now.
        var view: DeliveryMachine.View {
            var run = Delivery(request)
            run.machine = machine
            let written = Int(now.seconds(since: noon) * 20)
            if written >= entries.count + 20 { run.view.ended = Delivery.ended(3, behind: entries) }
            run.read(Array(entries.prefix(written)))
            return run.view
        }

        /// One action of the daemon; with a chance it dies at one of its steps.
        mutating func step() throws {
            let dies = Int.random(in: 0..<stepsToDeath, using: &dice) == 0
            let death = dies ? Death.allCases.randomElement(using: &dice) : nil
            let action = machine.next(view, at: now, wall: noon)
            if case .wait(let until) = action {
                machine.putDown()
                now = max(until ?? now, now + 0.05)
                return
            }
            save()
            if case .finished = action { return }
            if death == .beforeRequest { return try restart() }
            let isLost = Int.random(in: 0..<4, using: &dice) == 0
            switch action {
            case .wait, .passed, .finished: break
            case .askCanStart: machine.handle(.yes(cronID: nil), at: now, random: 0.5)
            case .start(_, let key):
                arrivals.starts.append(key)
                if death == .afterRequest { return try restart() }
                let answer: StartAnswer = isLost ? .uncertain(.silence) : .started(try Delivery.execution())
                machine.handle(answer, at: now, random: 0.5)
            case .deliver(let call, let key):
                let said: String
                switch call {
                case .message(_, let level, let text): said = "\(level) \(text)"
                case .end(_, let level, success: _, message: let text): said = "\(level) \(text ?? "")"
                case .canStart, .start: throw Missed()
                }
                let answer = try answer(said)
                if case .accepted = answer { arrivals.take(key, said) }
                if death == .afterRequest { return try restart() }
                machine.handle(isLost ? .later(.silence) : answer, at: now, random: 0.5)
            }
            if death == .afterAnswer { return try restart() }
            save()
        }
    }

    /// The lines that arrived, and what else there must be of every run.
    private func finish(_ run: inout Simulation) throws -> [Substring] {
        var steps = 0
        while !run.machine.record.isDone, steps < 20_000 {
            steps += 1
            try run.step()
        }
        #expect(run.machine.record.end == .answered)
        #expect(Set(run.arrivals.starts).count <= 1)
        for (key, texts) in run.arrivals.texts { #expect(texts.count == 1, "\(key) was sent with different texts") }
        #expect(run.arrivals.order.last?.hasPrefix("\(run.request.run)/end") == true)
        if run.machine.record.isLate { #expect(run.arrivals.order.first == "\(run.request.run)/notice") }
        return run.arrivals.order.dropLast().filter { !$0.hasSuffix("/notice") }.flatMap {
            run.arrivals.texts[$0]?.first?.split(separator: " ", maxSplits: 1).last?.split(separator: "\n") ?? []
        }
    }

    /// Every other run begins with its execution, every other with a late start.
    private func record(_ seed: Int) throws -> DeliveryRecord {
        seed % 2 == 0 ? try Delivery.record() : DeliveryRecord()
    }

    @Test("Everything arrives, in order, each key with one text, and one end", arguments: 0..<200)
    func everything(seed: Int) throws {
        let texts = (0..<60).map { $0 % 7 == 3 ? "<3>error \($0)" : "line \($0)" }
        var run = Simulation(try request(), try Delivery.entries(texts), try record(seed), seed: UInt64(seed))
        #expect(try finish(&run) == texts.map { $0.hasPrefix("<3>") ? $0.dropFirst(3) : $0[...] })
        #expect(run.machine.record.lines == 60)
    }

    @Test(
        "What Charon cannot take is set aside, with one placeholder in its place; all else arrives", arguments: 0..<60)
    func poison(seed: Int) throws {
        let texts = (0..<40).map { $0 % 10 == 3 ? "<3>refused \($0)" : $0 == 35 ? "<4>fatal" : "line \($0)" }
        let status = [500, 502][seed % 2]
        var run = Simulation(try request(), try Delivery.entries(texts), try record(seed), seed: UInt64(seed)) { said in
            if said.hasPrefix("error refused") { return .refused(status: 422, reason: "no") }
            if said.hasPrefix("warning fatal") { return try .status(status) }
            // The end has the last lines of the command, which this Charon does not take either.
            if said.contains("on stdout") { return .refused(status: 422, reason: "no") }
            return .accepted(id: nil)
        }
        // A daemon that never lives for ten minutes never finds out.
        run.stepsToDeath = 40
        let expected = texts.map { text -> Substring in
            switch text.prefix(3) {
            case "<3>": "1 line set aside: Charon refused the message (422)"
            case "<4>": "1 line set aside: Charon failed at the message"
            default: text[...]
            }
        }
        let found = try finish(&run).map { $0.prefix { $0 != ";" } }
        #expect(found == expected)
        #expect(run.machine.record.lines == 35)
        #expect(run.machine.record.setAside.count == 5)
        #expect(run.arrivals.order.last == "\(run.request.run)/end-2")
    }

    @Test("Beyond the cap the first and the last lines arrive once, and the end counts the middle", arguments: 0..<60)
    func cap(seed: Int) throws {
        let texts = (0..<80).map { $0 % 2 == 0 ? "<3>error \($0)" : "line \($0)" }
        var cap = RunCap()
        (cap.messages, cap.lastMessages, cap.lastBytes) = (20, 5, 2000)
        var run = Simulation(
            try request(), try Delivery.entries(texts), try record(seed), seed: UInt64(seed), cap: cap)
        let numbers = try finish(&run).compactMap { Int($0.split(separator: " ").last ?? "") }
        #expect(numbers == Array(0..<15) + Array(75..<80))
        #expect(run.machine.record.messages == 20)
        let end = try #require(run.arrivals.texts["\(run.request.run)/end"]?.first)
        #expect(end.contains("; 60 of these lines were not sent"))
    }

    @Test("The simulation does kill the daemon")
    func instrument() throws {
        var deaths = 0
        for seed in 0..<20 {
            var run = Simulation(try request(), [], DeliveryRecord(), seed: UInt64(seed))
            for _ in 0..<2000 where !run.machine.record.isDone { try run.step() }
            deaths += run.deaths
        }
        #expect(deaths > 20)
    }
}
