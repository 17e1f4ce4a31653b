import CharonControl
import CharonCore
import Testing

@Suite struct SafeTextTests {
    @Test func whatDoesNotShowIsEscaped() {
        let table: [(String, String)] = [
            ("", ""), ("plain text", "plain text"), ("é 漢 🙂", "é 漢 🙂"), ("\u{1B}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("a\nb\tc\r\n", "a\\u{a}b\\u{9}c\\u{d}\\u{a}"), ("\u{202E}evil", "\\u{202e}evil"),
            ("\u{0}\u{7F}\u{9B}", "\\u{0}\\u{7f}\\u{9b}"),
            ("\u{2028}\u{E000}\u{FEFF}", "\\u{2028}\\u{e000}\\u{feff}"), ("caf\\u00e9", "caf\\u00e9"),
        ]
        for (text, escaped) in table { #expect(SafeText.escaped(text) == escaped) }
        #expect(SafeText.escaped("a\n\tb\r", keepsLines: true) == "a\n\tb\\u{d}")
    }

    @Test func aBeginningHasNoTornCharacter() {
        for text in ["aé", "a漢", "a🙂", "é", "漢", "🙂"] {
            let bytes = Array(text.utf8)
            for limit in 0..<bytes.count {
                let expected = limit > 0 && text.hasPrefix("a") ? "a" : ""
                #expect(SafeText.beginning(of: bytes, limit: limit) == expected, "\(text) \(limit)")
            }
            #expect(SafeText.beginning(of: bytes, limit: bytes.count) == text)
            #expect(SafeText.beginning(of: bytes + [0x21], limit: bytes.count) == text)
        }
        // What is no UTF-8 is marked, also at the end of what is whole.
        #expect(SafeText.beginning(of: [0x61, 0xFF, 0x62], limit: 512) == "a\u{FFFD}b")
        #expect(SafeText.beginning(of: [0x61, 0xC3], limit: 2) == "a\u{FFFD}")
        #expect(SafeText.beginning(of: [0x80, 0x80, 0x80, 0x80], limit: 3) == "\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    @Test func clippedTextSaysSo() {
        #expect(SafeText.clipped("four", to: 4) == "four")
        #expect(SafeText.clipped("fives", to: 4) == "fiv…")
        #expect(SafeText.clipped("fives", to: 0) == "…")
    }

    @Test func controlCharactersAreShownAsTerminalsDo() {
        let table = [
            ("plain", "plain"), ("a\tb", "a\tb"), ("\u{1B}[31m", "^[[31m"), ("\u{0}\r\u{7F}", "^@^M^?"),
            ("\r\n", "^M^J"), ("\u{9B}x\u{202E}", "\\u{9b}x\\u{202e}"), ("ä\u{7}ö", "ä^Gö"), ("e\u{301}", "e\u{301}"),
        ]
        for (text, shown) in table { #expect(SafeText.caret(text) == shown) }
    }

    @Test func recordedTextKeepsItsBytes() {
        let table: [([UInt8], String)] = [
            (Array("text ä".utf8), "text"), ([], "text"), ([0xFF, 0, 0x80, 0x41], "bytes"), (Array(0...255), "bytes"),
        ]
        for (bytes, name) in table {
            let member = RecordedText.member(bytes)
            #expect(member.name == name && RecordedText.bytes(of: .object([member])) == bytes)
        }
        #expect(RecordedText.bytes(of: [:]).isEmpty)
    }
}
