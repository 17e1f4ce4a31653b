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
        var file: JSON
        var machine: DeliveryMachine
        var now = noon
        var arrivals = Arrivals()
        var dice: Dice
        var deaths = 0

        init(_ request: RunRequest, _ entries: [OutputReader.Entry], _ record: DeliveryRecord, seed: UInt64) {
            self.request = request
            self.entries = entries
            file = record.json
            dice = Dice(state: seed)
            machine = DeliveryMachine(request, record, messageBytes: 4096, at: noon)
        }

        /// A new daemon finds what the last one wrote.
        mutating func restart() throws {
            deaths += 1
            let record = try #require(DeliveryRecord(json: JSON.parse(file.bytes)))
            #expect(record.json == file)
            machine = DeliveryMachine(request, record, messageBytes: 4096, at: now)
        }

        /// The entries that have been written by now.
        var view: DeliveryMachine.View {
            var view = DeliveryMachine.View()
            let written = Int(now.seconds(since: noon) * 20)
            let known = entries.prefix(written)
            view.entries = known.filter { $0.end > machine.record.acknowledged }
            if written >= entries.count + 20 {
                var ended = Delivery.ended(3)
                ended.stdoutLines = Int64(entries.count)
                view.ended = ended
            }
            return view
        }

        /// One action of the daemon; with a chance it dies at one of its steps.
        mutating func step() throws {
            let death = Int.random(in: 0..<4, using: &dice) == 0 ? Death.allCases.randomElement(using: &dice) : nil
            let action = machine.next(view, at: now, wall: noon)
            if case .wait(let until) = action {
                now = max(until ?? now, now + 0.05)
                return
            }
            file = machine.record.json
            if case .finished = action { return }
            if death == .beforeRequest { return try restart() }
            let isLost = Int.random(in: 0..<4, using: &dice) == 0
            switch action {
            case .wait, .finished: break
            case .askCanStart: machine.handle(.yes(cronID: nil), at: now, random: 0.5)
            case .start(_, let key):
                arrivals.starts.append(key)
                if death == .afterRequest { return try restart() }
                let answer: StartAnswer = isLost ? .uncertain(.silence) : .started(try Delivery.execution())
                machine.handle(answer, at: now, random: 0.5)
            case .deliver(let call, let key):
                switch call {
                case .message(_, let level, let text): arrivals.take(key, "\(level) \(text)")
                case .end(_, let level, success: _, message: let text): arrivals.take(key, "\(level) \(text ?? "")")
                case .canStart, .start: Issue.record("no delivery: \(call)")
                }
                if death == .afterRequest { return try restart() }
                machine.handle(isLost ? .later(.silence) : .accepted(id: nil), to: call, at: now, random: 0.5)
            }
            if death == .afterAnswer { return try restart() }
            file = machine.record.json
        }
    }

    @Test("Everything arrives, in order, each key with one text, and one end", arguments: 0..<200)
    func everything(seed: Int) throws {
        let request = try request()
        let texts = (0..<60).map { $0 % 7 == 3 ? "<3>error \($0)" : "line \($0)" }
        var record = DeliveryRecord()
        if seed % 2 == 0 {
            record.gate = .yes
            record.start = .answered(try Delivery.execution())
        }
        var run = Simulation(request, try Delivery.entries(texts), record, seed: UInt64(seed))
        var steps = 0
        while !run.machine.record.isDone, steps < 20_000 {
            steps += 1
            try run.step()
        }
        #expect(run.machine.record.end == .answered)
        #expect(run.machine.record.lines == 60)
        #expect(Set(run.arrivals.starts).count <= 1)
        for (key, texts) in run.arrivals.texts { #expect(texts.count == 1, "\(key) was sent with different texts") }
        let end = "\(request.run)/end"
        #expect(run.arrivals.order.last == end)
        let lines = run.arrivals.order.filter { $0 != end && !$0.hasSuffix("/notice") }
            .flatMap {
                run.arrivals.texts[$0]?.first?.split(separator: " ", maxSplits: 1).last?.split(separator: "\n") ?? []
            }
        #expect(lines == texts.map { $0.hasPrefix("<3>") ? $0.dropFirst(3) : $0[...] })
        if run.machine.record.isLate { #expect(run.arrivals.order.first == "\(request.run)/notice") }
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
