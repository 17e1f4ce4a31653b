import CharonAPI
import CharonCore
import CharonLevels
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

    /// A request whose lines have these rules.
    private func ruled(by rules: [String], sendLevel: Level = .info) throws -> RunRequest {
        var request = try CharonSupervisorTests.request()
        var levels = LevelRules()
        levels.rules = try rules.map { try LevelRule($0) }
        request.levels = levels.json
        request.sendLevel = sendLevel
        return try #require(RunRequest(json: request.json))
    }

    /// What Charon gets of `lines`, of which `atOnce` are seen at once: level and text of each message, and the end.
    private func delivered(
        _ lines: [String], _ request: RunRequest, _ limits: DeliveryLimits = limits, atOnce: Int = 2
    ) throws -> (messages: [String], end: String, record: DeliveryRecord) {
        var run = Delivery(request, try Delivery.record(), limits)
        let entries = try Delivery.entries(lines)
        run.view.ended = Delivery.ended(behind: entries)
        var messages: [String] = []
        while true {
            run.view.entries = Array(entries.drop { $0.end <= run.record.acknowledged }.prefix(atOnce))
            switch run.next() {
            case .deliver(.message(_, let level, let text), _): messages.append("\(level) \(text)")
            case .deliver(.end(_, _, _, let text), _): return (messages, text ?? "", run.record)
            case .passed: continue
            case let action: throw Failed(action: action)
            }
            run.answer(.accepted(id: nil))
        }
    }

    private struct Failed: Error {
        let action: DeliveryMachine.Action
    }

    @Test("A rule of one's own decides before all that a line says")
    func ownRules() throws {
        let request = try ruled(by: ["error:contains:full", "info:starts_with:error:", "drop:glob:*%*"])
        let lines = ["disk full", "error: harmless", "10 % done", "20 % done", "30 % done", "done", "40 % done"]
        let all = try delivered(lines, request)
        #expect(all.messages == ["error disk full", "info error: harmless", "info done"])
        #expect(all.record.withheld == 4 && all.record.lines == 3)
        #expect(all.end.contains("4 lines kept back by the run's own rules"))
        #expect(!all.end.contains("not sent"))
        let joined = try delivered(lines, request, DeliveryLimits(), atOnce: 100)
        #expect(joined.messages == ["error disk full", "info error: harmless\ndone"])
    }

    @Test("Of a run that sends warnings and errors, only those are sent", arguments: [Level.warning, .error])
    func sendLevel(least: Level) throws {
        let lines = ["plain", "[OK] fine", "warning: w", "error: e", "plain"]
        let all = try delivered(lines, try ruled(by: [], sendLevel: least))
        #expect(all.messages == (least == .warning ? ["warning warning: w", "error error: e"] : ["error error: e"]))
        #expect(all.record.withheld == (least == .warning ? 3 : 4))
    }

    @Test("A run of which no line is sent ends all the same")
    func nothing() throws {
        let all = try delivered(["a", "b", "c"], try ruled(by: ["drop:glob:*"]), DeliveryLimits())
        #expect(all.messages.isEmpty && all.record.withheld == 3)
        #expect(all.end.contains("3 lines on stdout") && !all.end.contains("not sent"))
    }
}
