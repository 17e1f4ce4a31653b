import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: budgets and caps")
struct DeliveryBudgetTests {
    @Test("After its burst a run sends five messages a second, and what waits is joined")
    func budget() throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries((0..<200).map { "\($0)" })
        // One line at a time, as from a command that writes slowly.
        for entry in entries.prefix(50) {
            run.view.entries = [entry]
            run.answer(.accepted(id: nil), to: try run.call().call)
        }
        run.view.entries = Array(entries[50..<60])
        #expect(run.pause() == 0.2)
        #expect(run.record.sending == nil)
        run.now = run.now + 0.2
        run.view.entries = Array(entries[50..<200])
        let message = try run.call()
        run.answer(.accepted(id: nil), to: message.call)
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
            run.answer(.later(.silence), to: try run.call().call)
            run.now = run.now + 61
        }
        run.now = noon + 3661
        #expect(try run.call().key.hasSuffix("/0-\(run.record.sending?.to ?? 0)"))
    }

    @Test("Beyond the cap nothing is sent but the end, which says how much is missing", arguments: [true, false])
    func cap(byMessages: Bool) throws {
        var record = DeliveryRecord()
        record.start = .answered(try Delivery.execution())
        record.messages = byMessages ? Timing.runCap.messages - 1 : 1
        record.textBytes = byMessages ? 0 : Timing.runCap.bytes - 1
        record.lines = 5000
        var run = Delivery(try request(), record)
        #expect(run.machine.wantsOutput)
        run.view.entries = try Delivery.entries(["last"])
        run.answer(.accepted(id: nil), to: try run.call().call)
        #expect(!run.machine.wantsOutput)
        #expect(run.next() == .wait(until: nil))
        var ended = Delivery.ended()
        ended.stdoutLines = 6001
        run.view.ended = ended
        guard case .end(_, _, success: true, message: let message?) = try run.call().call else {
            Issue.record("no end")
            return
        }
        #expect(message.contains("1000 of these lines were not sent"))
    }
}
