import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: what an operator has it do")
struct DeliveryOrdersTests {
    /// A run whose first message Charon has refused, with the placeholder taken.
    private func refused() throws -> (run: Delivery, entries: [OutputReader.Entry], call: CharonCall, key: String) {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries(["<3>bad", "good"])
        run.view.entries = entries
        let (call, key) = try run.reply(.status(422))
        run.view.entries = [entries[1]]
        try run.reply(.accepted(id: nil))
        try run.reply(.accepted(id: nil))
        return (run, entries, call, key)
    }

    @Test("To go on ends the pause, and the pauses begin short again")
    func goOn() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        for _ in 0..<12 {
            try run.reply(.later(.silence))
            run.passPause()
        }
        try run.reply(.later(.silence))
        let longest = run.pause()
        #expect(longest == Timing.backoff.most.seconds)
        run.machine.goOn()
        let none = run.pause()
        #expect(none == nil)
        try run.reply(.later(.silence))
        let short = run.pause()
        #expect(short == 2 * Timing.backoff.first.seconds)
        run.passPause()
        try run.reply(.accepted(id: nil))
        // The delay left no note behind.
        #expect(run.record.note == nil)
    }

    @Test("A drop gives up the rest of an execution, or a start that was not answered")
    func drop() throws {
        var begun = try refused().run
        begun.machine.drop("dropped")
        #expect(begun.record.end == .givenUp && begun.record.isDone)
        #expect(begun.record.setAside.count == 0 && begun.record.note == "dropped")
        #expect(begun.next() == .finished)

        var unsent = Delivery(try request())
        unsent.machine.drop("dropped")
        #expect(unsent.record.start == .refused("dropped") && unsent.next() == .finished)

        var uncertain = Delivery(try request())
        uncertain.answer(CanStartAnswer.yes(cronID: nil))
        _ = uncertain.next()
        uncertain.answer(StartAnswer.uncertain(.silence))
        uncertain.machine.drop("dropped")
        #expect(uncertain.record.start == .refused("dropped") && uncertain.next() == .finished)
    }

    @Test("A drop of a delivered run forgets what was set aside, and nothing else")
    func dropDelivered() throws {
        var (run, entries, _, _) = try refused()
        run.view.entries = []
        run.view.ended = Delivery.ended(behind: entries)
        try run.reply(.accepted(id: nil))
        run.machine.drop("dropped")
        #expect(run.record.end == .answered && run.record.setAside.count == 0)
    }

    @Test("What was set aside is sent as it was, under its first key, and counts when Charon takes it")
    func resend() throws {
        var (run, entries, call, key) = try refused()
        let message = try #require(run.machine.resendable.first)
        let again = try #require(run.machine.resend(message, [entries[0]]))
        #expect(again.call == call && again.key == key)
        let lines = run.record.lines
        run.machine.handle(.accepted(id: nil), to: message, again.batch, wall: noon)
        #expect(run.machine.resendable.isEmpty)
        #expect((run.record.setAside.count, run.record.setAside.lines, run.record.setAside.bytes) == (0, 0, 0))
        #expect(run.record.lines == lines + 1)
        #expect(run.record.note?.contains("took") == true)
        // What Charon has acknowledged since stays where it was.
        #expect(run.record.acknowledged == entries[1].end)
    }

    @Test("Refused again, it stays with the new reason; without an answer, as it was")
    func refusedAgain() throws {
        var (run, entries, _, _) = try refused()
        let message = try #require(run.machine.resendable.first)
        let again = try #require(run.machine.resend(message, [entries[0]]))
        run.machine.handle(.later(.silence), to: message, again.batch, wall: noon + 5)
        #expect(run.machine.resendable == [message])
        run.machine.handle(try .status(413), to: message, again.batch, wall: noon + 5)
        let kept = try #require(run.machine.resendable.first)
        #expect((kept.status, kept.at, kept.bytes) == (413, noon + 5, message.bytes))
        #expect(run.record.setAside.count == 1)
    }

    @Test("Lines that are gone are not sent, nor a message whose placeholder is still to come")
    func notResendable() throws {
        let (run, entries, _, _) = try refused()
        let message = try #require(run.machine.resendable.first)
        #expect(run.machine.resend(message, []) == nil)
        #expect(run.machine.resend(message, [entries[1]]) == nil)
        var early = try Delivery.answered(request())
        early.view.entries = entries
        try early.reply(.status(422))
        #expect(early.record.setAside.count == 1 && early.machine.resendable.isEmpty)
    }

    @Test("An open breaker that is told to go on lets one request out, which decides")
    func breaker() {
        var breaker = BreakerTests.open
        breaker.goOn(at: noon)
        #expect(breaker.permit(at: noon) == .allowed)
        #expect(breaker.permit(at: noon) != .allowed)
        breaker.failed(at: noon, random: 1)
        #expect(breaker.opens(at: noon) != nil)
        var closed = Breaker()
        closed.goOn(at: noon)
        #expect(closed.isClosed)
    }
}
