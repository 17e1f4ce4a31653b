import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Levels of delivered lines")
struct DeliveryLevelTests {
    private static let output = [
        "before", "Traceback (most recent call last):", "  File \"a.py\", line 1, in <module>", "    f()",
        "ValueError: bad", "after",
    ]
    /// Each line is a message.
    private static let limits = DeliveryLimits(form: MessageForm(joinedBytes: 0))
    private static let levels: [Level] = [.info, .error, .error, .error, .error, .info]

    private func level(_ call: CharonCall) -> Level? {
        if case .message(_, let level, _) = call { level } else { nil }
    }

    @Test("A traceback is one block, whose lines have one level in however many messages")
    func block() throws {
        var run = Delivery(try request(), try Delivery.record(), Self.limits)
        let entries = try Delivery.entries(Self.output)
        var found: [Level?] = []
        for number in entries.indices {
            run.view.entries = Array(entries[number...].prefix(2))
            found.append(level(try run.reply(.accepted(id: nil)).call))
            run.machine.putDown()
        }
        #expect(found == Self.levels)
    }

    @Test("Joined, the block is one message")
    func joined() throws {
        var run = Delivery(try request(), try Delivery.record())
        run.view.entries = try Delivery.entries(Self.output)
        let calls = try (0..<3).map { _ in try run.reply(.accepted(id: nil)).call }
        #expect(calls.map(level) == [Level.info, .error, .info])
    }

    @Test("A daemon that goes on in the middle reads the lines before", arguments: 1..<output.count)
    func restarted(after number: Int) throws {
        let entries = try Delivery.entries(Self.output)
        var record = try Delivery.record()
        record.acknowledged = entries[number - 1].end
        var run = Delivery(try request(), record, Self.limits)
        #expect(run.machine.wantsContext)
        run.view.before = Array(entries[..<number])
        run.view.entries = Array(entries[number...])
        let found = try entries[number...].map { _ in level(try run.reply(.accepted(id: nil)).call) }
        #expect(found == Array(Self.levels[number...]))
        #expect(!run.machine.wantsContext)
    }

    @Test("What was set aside is sent again with its level, whatever its lines look like alone")
    func resent() throws {
        let entries = try Delivery.entries(Self.output)
        var run = Delivery(try request(), try Delivery.record(), Self.limits)
        run.view.entries = entries
        for _ in 0..<2 { try run.reply(.accepted(id: nil)) }
        // The third, then its placeholder.
        try run.reply(try .status(422))
        try run.reply(.accepted(id: nil))
        let message = try #require(run.machine.resendable.first)
        let again = try #require(run.machine.resend(message, [entries[2]]))
        #expect(level(again.call) == .error)
    }
}
