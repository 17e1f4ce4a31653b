import CharonLevels
import Testing

@Suite struct TextHygieneTests {
    @Test(arguments: [
        ("", ""),
        ("plain text", "plain text"),
        ("a\tb", "a\tb"),
        ("a\u{0}b\u{7}c\u{8}d\u{7F}e", "abcde"),
        ("two\nlines", "twolines"),
        ("ä€😀", "ä€😀"),
        ("next\u{85}line", "nextline"),
        // CSI: colours, erasing, private parameters, intermediates.
        ("\u{1B}[31mred\u{1B}[0m", "red"),
        ("\u{1B}[?25l\u{1B}[2K\u{1B}[1;31;48;5;3mx\u{1B}[ q", "x"),
        ("a\u{9B}31mb", "ab"),
        ("cut off \u{1B}[31", "cut off "),
        ("\u{1B}[3ä", "ä"),
        ("\u{1B}[3\u{18}1m", "1m"),
        ("\u{1B}[3\u{7}1mx", "x"),
        ("\u{1B}[3\u{1B}[1mx", "x"),
        // OSC with BEL and with ST, in seven and in eight bits; the other control strings.
        ("\u{1B}]0;title\u{7}x", "x"),
        ("\u{1B}]8;;https://example.org\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"),
        ("\u{9D}0;title\u{9C}x", "x"),
        ("\u{1B}Pq#0\u{1B}\\x", "x"),
        ("\u{1B}_apc\u{1B}\\\u{1B}^pm\u{1B}\\\u{1B}Xsos\u{1B}\\x", "x"),
        ("\u{1B}]0;title\u{1B}[31mx", "x"),
        ("\u{1B}]0;\u{18}x", "x"),
        // A control string without an end must not swallow a message.
        ("\u{1B}]error: disk full", "error: disk full"),
        // Other escapes.
        ("\u{1B}7saved\u{1B}8", "saved"),
        ("\u{1B}(B\u{1B}%Gx", "x"),
        ("\u{1B}ä\u{1B}", "ä"),
        ("\u{1B}\u{1B}[1mx", "x"),
        // Progress bars.
        ("10%\r50%\r100%", "100%"),
        ("10%\r50%\r100%\r", "100%"),
        ("dos line\r", "dos line"),
        ("dos line\r\r", "dos line"),
        ("50%\r\u{1B}[K", "50%"),
        ("50%\r\u{1B}[Kdone", "done"),
        ("50%\u{1B}[\rdone", "one"),
        ("\r\r", ""),
    ])
    func cleans(_ line: String, _ expected: String) {
        #expect(TextHygiene.clean(line.utf8) == expected)
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
            ([0x61, 0xC3], "a\u{FFFD}"),
            ([0xE2, 0x82, 0x41], "\u{FFFD}A"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
            // A lone C1 byte is invalid UTF-8 and no control sequence.
            ([0x9B, 0x33, 0x31, 0x6D], "\u{FFFD}31m"),
        ] as [([UInt8], String)])
    func repairsInvalidUTF8(_ line: [UInt8], _ expected: String) {
        #expect(TextHygiene.clean(line) == expected)
    }

    @Test func cutsWithAMarkerThatCountsWhatIsGone() {
        let hygiene = TextHygiene(messageBytes: 64)
        let fits = String(repeating: "x", count: 64)
        #expect(hygiene.text(of: fits.utf8) == fits)
        let cut = hygiene.text(of: String(repeating: "x", count: 1000).utf8)
        #expect(cut == String(repeating: "x", count: 44) + "… (956 bytes cut)")
        #expect(cut.utf8.count == 63)
    }

    @Test(arguments: ["ä", "€", "😀", "e\u{301}", "👩‍👩‍👧‍👧", "🇱🇻"])
    func cutsBetweenCharacters(_ character: String) {
        for offset in 0..<character.utf8.count {
            let line = String(repeating: "x", count: offset) + String(repeating: character, count: 100)
            let text = TextHygiene(messageBytes: 100).text(of: line.utf8)
            let kept = text.prefix { $0 != "…" }
            #expect(text.utf8.count <= 100)
            #expect(kept.dropFirst(offset).allSatisfy { String($0) == character }, "\(text)")
            #expect(text.hasSuffix("… (\(line.utf8.count - kept.utf8.count) bytes cut)"))
        }
    }

    @Test func cutsACharacterWithoutEnd() {
        let line = "a" + String(repeating: "\u{301}", count: 10_000)
        let text = TextHygiene(messageBytes: 64).text(of: line.utf8)
        #expect(text.utf8.count <= 64 && text.utf8.count > 40)
    }

    @Test(arguments: [(0, 64), (63, 64), (64, 64), (4096, 4096), (65_536, 65_536), (65_537, 65_536), (.max, 65_536)])
    func keepsItsBounds(_ asked: Int, _ given: Int) {
        #expect(TextHygiene(messageBytes: asked).messageBytes == given)
    }

    /// Whatever comes in: valid, bounded, without controls, and cleaning again changes nothing.
    @Test(arguments: 0..<200)
    func holdsForAnyBytes(_ seed: UInt64) {
        var random = Seeded(state: seed)
        let pieces: [[UInt8]] = [
            [0x1B], [0x1B, 0x5B], [0x1B, 0x5D], [0x07], [0x0D], [0x0A], [0x00], [0xC2, 0x9B], [0xC2, 0x9D],
            [0xC2, 0x9C],
            [0xFF], [0xE2, 0x82], Array("€".utf8), Array("😀".utf8), Array("31m".utf8), Array("text ".utf8), [0x5C],
            [0x18],
        ]
        for _ in 0..<50 {
            var line: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                if Bool.random(using: &random) {
                    line.append(UInt8.random(in: 0...255, using: &random))
                } else {
                    line += pieces.randomElement(using: &random) ?? []
                }
            }
            let hygiene = TextHygiene(messageBytes: 64 + Int.random(in: 0...40, using: &random))
            let clean = TextHygiene.clean(line)
            let text = hygiene.text(of: line)
            #expect(text.utf8.count <= hygiene.messageBytes, "\(line)")
            #expect(
                !text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\t" }, "\(line)")
            #expect(TextHygiene.clean(clean.utf8) == clean, "\(line)")
            if clean.utf8.count <= hygiene.messageBytes { #expect(text == clean) }
        }
    }
}
