import CharonCore

/// What is shown of the body of an answer that is an error.
enum Excerpt {
    /// In bytes.
    static let most = 2048

    /// One line: the title of HTML, else the beginning of the text, without control characters and runs of white space.
    static func of(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(65_536), as: UTF8.self)
        return cut(fold(title(text) ?? text))
    }

    private static func title(_ text: String) -> String? {
        let lower = text.lowercased()
        guard lower.contains("<html") || lower.contains("<!doctype html"), let start = lower.firstRange(of: "<title"),
            let open = lower[start.upperBound...].firstIndex(of: ">"),
            let end = lower[open...].firstRange(of: "</title")
        else { return nil }
        let title = lower.distance(from: lower.startIndex, to: open) + 1
        let length = lower.distance(from: open, to: end.lowerBound) - 1
        return "HTML: " + String(text.dropFirst(title).prefix(max(length, 0)))
    }

    private static func fold(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                if let last = result.last, last != " " { result.append(" ") }
            } else {
                result.append(scalar)
            }
        }
        if result.last == " " { result.removeLast() }
        return String(result)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > most else { return text }
        var result = ""
        for character in text {
            guard result.utf8.count + character.utf8.count <= most - 3 else { break }
            result.append(character)
        }
        return result + "…"
    }
}
