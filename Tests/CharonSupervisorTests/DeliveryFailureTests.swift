import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: failures")
struct DeliveryFailureTests {
    @Test("What Charon can never take is set aside and the rest goes on", arguments: [400, 413, 422])
    func refused(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["bad"])
        let message = try run.call()
        run.answer(.refused(status: status, reason: "POST answered \(status)"), to: message.call)
        #expect(run.record.acknowledged == run.view.entries.last?.end)
        #expect(run.record.lines == 0)
        #expect(run.record.note == "set aside: POST answered \(status)")
        run.view.entries = []
        run.view.ended = Delivery.ended()
        let end = try run.call()
        run.answer(.accepted(id: nil), to: end.call)
        #expect(run.record.end == .answered)
        #expect(run.record.note == "set aside: POST answered \(status)")
    }

    @Test("An end that is refused is given up, once")
    func endRefused() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        run.answer(.refused(status: 400, reason: "no"), to: try run.call().call)
        #expect(run.record.end == .givenUp)
        #expect(run.next() == .finished)
    }

    @Test("401 and 403 hold the backlog for as long as it takes", arguments: [401, 403])
    func unauthorized(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        for _ in 0..<1000 {
            run.answer(.unauthorized(status: status), to: try run.call().call)
            let wanted = run.pause()
            let pause = try #require(wanted)
            #expect(pause <= Timing.backoff.most.seconds)
            run.now = run.now + pause
        }
        #expect(run.record.end == .unsent)
        #expect(run.record.note?.contains("key") == true)
        run.answer(.accepted(id: nil), to: try run.call().call)
        #expect(run.record.end == .answered)
        // The note of a delay that is over is gone.
        #expect(run.record.note == nil)
    }

    @Test("404 is believed when it has repeated for ten minutes, and not before")
    func notFound() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        run.answer(.notFound, to: try run.call().call)
        run.now = noon + 599
        run.answer(.notFound, to: try run.call().call)
        #expect(run.record.end == .unsent)
        run.now = noon + 660
        run.answer(.notFound, to: try run.call().call)
        #expect(run.record.end == .givenUp)
        #expect(run.record.note == "Charon does not know the execution")
        #expect(run.next() == .finished)
    }

    @Test("A success between two 404 starts the ten minutes again")
    func notFoundOnce() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        run.answer(.notFound, to: try run.call().call)
        run.now = noon + 300
        run.answer(.accepted(id: nil), to: try run.call().call)
        run.view.entries = []
        run.view.ended = Delivery.ended()
        run.now = noon + 700
        run.answer(.notFound, to: try run.call().call)
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

    @Test("Retry-After is honoured, and capped")
    func retryAfter() throws {
        for (asked, least, most) in [(30, 30.0, 30.0), (86_400, 300.0, 300.0), (0, 0.5, 0.5)] {
            let later = NoAnswer(
                reason: "too many requests", detail: "429", retryAfter: .seconds(Int64(asked)), isServerFault: false)
            var run = try Delivery.answered(request())
            run.view.ended = Delivery.ended()
            run.answer(.later(later), to: try run.call().call)
            #expect((least...most).contains(run.pause() ?? -1))
            var late = Delivery(try request())
            late.answer(.noAnswer(later))
            #expect((least...most).contains(late.pause() ?? -1))
        }
    }

    @Test("The pauses of one request that fails grow to their limit and begin anew after a success")
    func backoff() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        var pauses: [Double] = []
        for _ in 0..<9 {
            run.answer(.later(.silence), to: try run.call().call)
            let wanted = run.pause()
            let pause = try #require(wanted)
            pauses.append(pause)
            run.now = run.now + pause
        }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60])
        run.answer(.accepted(id: nil), to: try run.call().call)
        run.view.entries = []
        run.view.ended = Delivery.ended()
        run.answer(.later(.silence), to: try run.call().call)
        #expect(run.pause() == 0.5)
    }

    @Test("The least jitter is still a pause")
    func leastPause() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        let call = try run.call().call
        run.machine.handle(.later(.silence), to: call, at: noon, random: 0)
        #expect(run.pause() == Timing.shortestBackoff.seconds)
    }
}
