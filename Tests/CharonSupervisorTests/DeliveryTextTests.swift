import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: the text that is sent; the record keeps the raw bytes")
struct DeliveryTextTests {
    /// The text of the message for one line of raw bytes, and the bytes that the record has.
    private func sent(_ raw: [UInt8], messageBytes: Int = 4096) throws -> (text: String, kept: [UInt8]) {
        let directory = try TemporaryDirectory()
        let request = try request()
        let record = RunDirectory(state: directory.path, slug: request.slug, run: request.run)
        let handles = try record.create(request)
        try handles.output.write(Array("\(noon.rfc3339) stdout F ".utf8) + raw + [0x0A])
        var view = DeliveryMachine.View()
        view.entries = try OutputReader(record).entries(from: 0)
        let limits = DeliveryLimits(form: MessageForm(messageBytes: messageBytes))
        var machine = DeliveryMachine(request, try Delivery.record(), limits, at: noon)
        guard case .deliver(.message(_, _, let text), _) = machine.next(view, at: noon, wall: noon),
            let kept = view.entries.first?.line.text
        else { throw Missed() }
        return (text, kept)
    }

    static let rows: [(String, [UInt8], String)] = [
        ("invalid UTF-8 becomes U+FFFD", [0x61, 0xFF, 0x62], "a\u{FFFD}b"),
        ("NUL and control characters are removed", [0x61, 0x00, 0x07, 0x7F, 0x62], "ab"),
        ("ANSI sequences are removed", Array("\u{1B}[1;31mred\u{1B}[0m \u{1B}]0;title\u{7}end".utf8), "red end"),
        ("characters of 4 bytes stay", Array("ok 😀 ok".utf8), "ok 😀 ok"),
    ]

    @Test("Text sent", arguments: rows)
    func hygiene(_ rule: String, _ raw: [UInt8], _ text: String) throws {
        let sent = try sent(raw)
        #expect(sent.text == text, "\(rule)")
        #expect(sent.kept == raw)
    }

    @Test("Cut at message_bytes (4 KiB) on a character boundary", arguments: [64, 65, 66, 67, 4096])
    func cut(messageBytes: Int) throws {
        let raw = Array(String(repeating: "😀", count: 2000).utf8)
        let sent = try sent(raw, messageBytes: messageBytes)
        #expect(sent.text.utf8.count <= messageBytes)
        #expect(sent.text.utf8.count > messageBytes - 8)
        #expect(sent.text.hasSuffix(" bytes cut)"))
        #expect(!sent.text.contains("\u{FFFD}"))
        #expect(sent.kept == raw)
    }
}
