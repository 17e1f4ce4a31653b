/// Text from elsewhere, made safe for a terminal and for a line of a table.
package enum SafeText {
    /// The text with every character that does not show (control, format, separators of lines and paragraphs, private
    /// use, unassigned) written as `\u{XX}`; newlines and tabs stay if `keepsLines`.
    package static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { !isSafe($0, keepsLines) }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isSafe(scalar, keepsLines) {
                escaped.append(scalar)
            } else {
                escaped.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(escaped)
    }

    /// As `escaped`, with control characters in the caret notation of terminals and cat(1): `^[`, `^M`, `^?`.
    ///
    /// Tabs stay.
    package static func caret(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { !isSafe($0, true) }) else { return text }
        var shown = ""
        var rest = text.unicodeScalars[...]
        while let place = rest.firstIndex(where: { $0 == "\u{7F}" || $0 < " " && $0 != "\t" }) {
            shown += escaped(String(rest[..<place]), keepsLines: true)
            shown.unicodeScalars.append("^")
            shown.unicodeScalars.append(Unicode.Scalar(UInt8(rest[place].value) ^ 0x40))
            rest = rest[rest.index(after: place)...]
        }
        return shown + escaped(String(rest), keepsLines: true)
    }

    /// The first bytes of a text as UTF-8, at most `limit` and no torn character, escaped as above with its lines kept.
    package static func beginning(of bytes: some Collection<UInt8>, limit: Int) -> String {
        var first = Array(bytes.prefix(limit))
        if first.count < bytes.count { first.removeLast(torn(first)) }
        return escaped(String(decoding: first, as: UTF8.self), keepsLines: true)
    }

    /// How many bytes at the end begin a character that goes on behind them.
    private static func torn(_ bytes: [UInt8]) -> Int {
        guard let lead = bytes.suffix(3).lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return 0 }
        let wanted = bytes[lead] >= 0xF0 ? 4 : bytes[lead] >= 0xE0 ? 3 : bytes[lead] >= 0xC0 ? 2 : 1
        let there = bytes.count - lead
        return there < wanted ? there : 0
    }

    /// The text, cut to at most `limit` characters with `…` for the rest.
    package static func clipped(_ text: String, to limit: Int) -> String {
        text.unicodeScalars.count <= limit ? text : String(text.unicodeScalars.prefix(max(limit - 1, 0))) + "…"
    }

    private static func isSafe(_ scalar: Unicode.Scalar, _ keepsLines: Bool) -> Bool {
        switch scalar {
        case " "..."~": return true
        case "\n", "\t": return keepsLines
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }
}
