import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: budgets")
struct DeliveryBudgetTests {
    @Test("After a burst of 50, 5 messages a second a run; lines that queue are joined")
    func budget() throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries((0..<200).map { "\($0)" })
        // One line at a time, as from a command that writes slowly.
        for entry in entries.prefix(50) {
            run.view.entries = [entry]
            try run.reply(.accepted(id: nil))
        }
        run.view.entries = Array(entries[50..<60])
        #expect(run.pause() == 0.2)
        #expect(run.record.sending == nil)
        run.now = run.now + 0.2
        run.view.entries = Array(entries[50..<200])
        try run.reply(.accepted(id: nil))
        #expect(run.record.lines == 200)
        #expect(run.record.messages == 51)
        run.view.entries = Array(entries.suffix(1))
        #expect(run.pause() == 0.2)
    }

    @Test("A message that is sent again does not pay again")
    func paid() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        for _ in 0..<60 {
            try run.reply(.later(.silence))
            run.now = run.now + 61
        }
        run.now = noon + 3661
        #expect(try run.call().key.hasSuffix("/0-\(run.record.sending?.to ?? 0)"))
    }

    @Test("An end costs nothing: neither the run's own budget nor the application's delays it")
    func end() throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries((0..<50).map { "\($0)" })
        for entry in entries {
            run.view.entries = [entry]
            try run.reply(.accepted(id: nil))
        }
        run.view.entries = []
        #expect(run.pause() == 0.2)
        run.view.ended = Delivery.ended(behind: entries)
        #expect(run.machine.wants(run.view.ended) == .nothing)
        guard case .end = try run.call().call else {
            Issue.record("no end")
            return
        }
        // The runner pays the application's budget for messages only.
    }

    @Test("And 50 a second an application, of which a few are kept for runs that have ended with little left")
    func reserve() {
        var bucket = TokenBucket(Timing.applicationBudget, at: noon)
        let reserve = Timing.applicationBudget.reserve
        for _ in 0..<40 { #expect(bucket.take(at: noon, leaving: reserve) == nil) }
        #expect(bucket.take(at: noon, leaving: reserve) == noon + 0.02)
        #expect(bucket.next(at: noon, leaving: reserve) == noon + 0.02)
        for _ in 0..<10 { #expect(bucket.take(at: noon) == nil) }
        #expect(bucket.take(at: noon) == noon + 0.02)
        #expect(bucket.take(at: noon, leaving: reserve) == noon + 0.22)
        // Over time it is the same rate for either.
        #expect(bucket.take(at: noon + 1, leaving: reserve) == nil)
    }

    @Test("Of any burst, some is kept, and a bucket that is full is enough", arguments: [1, 2, 5, 50, 1_000_000])
    func reserves(burst: Double) {
        let rate = TokenBucket.Rate(burst: burst, perSecond: 1)
        #expect(rate.reserve == [1: 0, 2: 0.4, 5: 1, 50: 10, 1_000_000: 200_000][burst])
        var bucket = TokenBucket(rate, at: noon)
        #expect(bucket.take(at: noon, leaving: rate.reserve) == nil)
        #expect(bucket.next(at: noon, leaving: rate.reserve).map { $0 <= noon + 1 } ?? true)
    }

    @Test("A budget of the run's own: after a burst of 3, 2 messages a second")
    func ownBudget() throws {
        let limits = DeliveryLimits(budget: TokenBucket.Rate(burst: 3, perSecond: 2))
        var run = try Delivery(request(), Delivery.record(), limits)
        let entries = try Delivery.entries((0..<5).map { "\($0)" })
        for entry in entries.prefix(3) {
            run.view.entries = [entry]
            try run.reply(.accepted(id: nil))
        }
        run.view.entries = [entries[3]]
        #expect(run.pause() == 0.5)
        run.now = run.now + 0.5
        try run.reply(.accepted(id: nil))
        #expect(run.record.messages == 4)
        run.view.entries = [entries[4]]
        #expect(run.pause() == 0.5)
    }

    @Test("An application's own budget, for all its runs together")
    func applicationBudget() {
        let application = Application(
            name: "a", url: "", transport: FakeCharon(), budget: TokenBucket.Rate(burst: 5, perSecond: 2))
        for _ in 0..<4 { #expect(application.takeMessage(at: noon, hasLittleLeft: false) == nil) }
        #expect(application.takeMessage(at: noon, hasLittleLeft: false) == noon + 0.5)
        #expect(application.takeMessage(at: noon, hasLittleLeft: true) == nil)
        #expect(application.takeMessage(at: noon, hasLittleLeft: true) == noon + 0.5)
    }

    @Test("A short run's few messages do not wait behind two hundred chatty runs", arguments: [true, false])
    func fairness(withReserve: Bool) {
        var bucket = TokenBucket(Timing.applicationBudget, at: noon)
        var dice = DeliveryCrashTests.Dice(state: 7)
        var chatty = Array(repeating: noon, count: 200)
        var waits = 0
        for step in 1...3000 {
            let now = noon + Double(step) / 1000
            for index in chatty.indices where chatty[index] <= now {
                let until = bucket.take(at: now, leaving: withReserve ? Timing.applicationBudget.reserve : 0)
                chatty[index] = (until ?? now + 0.2) + Double.random(in: 0...0.5, using: &dice)
            }
            // One short run after another, each with its last line.
            if step > 1000, step % 100 == 0, bucket.take(at: now) != nil { waits += 1 }
        }
        #expect(withReserve ? waits == 0 : waits > 10)
    }

    @Test("A run has little left once it has ended and 64 KiB of its output are not sent yet")
    func littleLeft() throws {
        var ended = Delivery.ended()
        let run = try Delivery.answered(request())
        #expect(!run.machine.hasLittleLeft(nil))
        for (size, isLittle) in [(Int64(0), true), (65_536, true), (65_537, false)] {
            ended.outputBytes = size
            #expect(run.machine.hasLittleLeft(ended) == isLittle)
        }
    }
}
