import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: failures")
struct DeliveryFailureTests {
    @Test("401/403 hold the backlog, for as long as it takes", arguments: [401, 403])
    func unauthorized(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        for _ in 0..<1000 {
            try run.reply(.unauthorized(status: status))
            let wanted = run.pause()
            let pause = try #require(wanted)
            #expect(pause <= Timing.backoff.most.seconds)
            run.now = run.now + pause
        }
        #expect(run.record.end == .unsent)
        #expect(run.record.note?.contains("key") == true)
        try run.reply(.accepted(id: nil))
        #expect(run.record.end == .answered)
        // The note of a delay that is over is gone.
        #expect(run.record.note == nil)
    }

    @Test("404 is final only when it repeats over ten minutes", arguments: [true, false])
    func notFound(inMessage: Bool) throws {
        var run = try Delivery.answered(request())
        if inMessage { run.view.entries = try Delivery.entries(["a"]) }
        run.view.ended = Delivery.ended()
        try run.reply(.notFound)
        run.now = noon + 599
        try run.reply(.notFound)
        #expect(run.record.end == .unsent)
        run.now = noon + 660
        try run.reply(.notFound)
        #expect(run.record.end == .givenUp)
        #expect(run.record.note == "Charon does not know the execution")
        #expect(run.next() == .finished)
    }

    @Test("And is no HTML: a proxy's page says nothing, however often it comes")
    func notFoundPage() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        for _ in 0..<100 {
            try run.reply(.status(404, html: true))
            run.passPause()
        }
        #expect(run.now.seconds(since: noon) > 600)
        #expect(run.record.end == .unsent)
        try run.reply(.accepted(id: nil))
        #expect(run.record.end == .answered)
    }

    @Test("A success between two 404 starts the ten minutes again")
    func notFoundOnce() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        try run.reply(.notFound)
        run.now = noon + 300
        try run.reply(.accepted(id: nil))
        run.view.entries = []
        run.view.ended = Delivery.ended()
        run.now = noon + 700
        try run.reply(.notFound)
        #expect(run.record.end == .unsent)
    }

    @Test("A cron that is not registered: the same ten minutes, in can-start and in start", arguments: [false, true])
    func notRegistered(byStart: Bool) throws {
        var run = Delivery(try request())
        var rounds = 0
        while !run.record.isDone, rounds < 1000 {
            rounds += 1
            switch run.next() {
            case .askCanStart: run.answer(byStart ? CanStartAnswer.yes(cronID: nil) : .notRegistered)
            case .start: run.answer(StartAnswer.notRegistered)
            case .wait(let until?): run.now = until
            default: break
            }
        }
        guard case .refused("not registered on Charon") = run.record.start else {
            Issue.record("\(run.record.start)")
            return
        }
        #expect(run.now.seconds(since: noon) >= 600)
        #expect(run.now.seconds(since: noon) < 800)
    }

    @Test(
        "A start that fails after each yes is made ever more slowly",
        arguments: [
            StartAnswer.uncertain(.silence), .rejected(.silence), .notSent(.silence), .unauthorized(status: 401),
        ])
    func startBackoff(answer: StartAnswer) throws {
        var run = Delivery(try request())
        var starts = 0
        while run.now.seconds(since: noon) < 3600 {
            switch run.next() {
            case .askCanStart: run.answer(.yes(cronID: nil))
            case .start:
                starts += 1
                run.answer(answer)
            case .wait(let until?): run.now = until
            default: run.now = run.now + 1
            }
        }
        #expect(starts > 50)
        #expect(starts < 80)
    }

    @Test("Retry-After capped: honoured up to five minutes")
    func retryAfter() throws {
        for (asked, least, most) in [(30, 30.0, 30.0), (86_400, 300.0, 300.0), (0, 0.5, 0.5)] {
            let later = NoAnswer(
                reason: "too many requests", detail: "429", retryAfter: .seconds(Int64(asked)), isServerFault: false)
            var run = try Delivery.answered(request())
            run.view.ended = Delivery.ended()
            try run.reply(.later(later))
            #expect((least...most).contains(run.pause() ?? -1))
            var late = Delivery(try request())
            late.answer(.noAnswer(later))
            #expect((least...most).contains(late.pause() ?? -1))
        }
    }

    @Test("Exponential back-off, anew after each success")
    func backoff() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        var pauses: [Double] = []
        for _ in 0..<9 {
            try run.reply(.later(.silence))
            let wanted = run.pause()
            let pause = try #require(wanted)
            pauses.append(pause)
            run.now = run.now + pause
        }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60])
        try run.reply(.accepted(id: nil))
        run.view.entries = []
        run.view.ended = Delivery.ended()
        try run.reply(.later(.silence))
        #expect(run.pause() == 0.5)
    }

    @Test("With full jitter: any part of the limit, and the least is still a pause")
    func jitter() throws {
        for (random, pause) in [(0, 0.05), (0.05, 0.05), (0.5, 0.25), (1, 0.5)] {
            var run = try Delivery.answered(request())
            run.view.ended = Delivery.ended()
            _ = try run.call()
            run.machine.handle(DeliveryAnswer.later(.silence), at: noon, random: random)
            #expect(run.pause() == pause)
        }
    }

    @Test("What Charon answers to nothing that is under way changes nothing")
    func stray() throws {
        var run = try Delivery.answered(request())
        let before = run.record
        run.answer(.accepted(id: nil))
        run.answer(.notFound)
        #expect(run.record == before)
        #expect(run.next() == .wait(until: nil))
    }
}
