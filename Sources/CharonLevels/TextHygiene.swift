/// Makes the raw bytes of a line fit to be sent and shown: valid UTF-8 without control characters, of bounded length.
///
/// Pure, and linear in the length of the line. The record keeps the raw bytes.
package struct TextHygiene: Hashable, Sendable {
    /// The lengths that `messageBytes` may have.
    package static let bounds = 64...65_536

    /// The longest text in bytes of UTF-8, the marker of a cut included.
    package let messageBytes: Int

    /// A length outside `bounds` is taken as the nearest one inside.
    package init(messageBytes: Int = 4096) {
        self.messageBytes = min(max(messageBytes, Self.bounds.lowerBound), Self.bounds.upperBound)
    }

    /// The text to send for one line.
    package func text(of line: some Collection<UInt8>) -> String { cut(Self.clean(line)) }

    /// The line as valid UTF-8 without control characters but tab, and without escape sequences.
    ///
    /// Invalid UTF-8 becomes U+FFFD. Of a line that was overwritten after carriage returns, as by a progress bar, only
    /// the last state is left.
    package static func clean(_ line: some Collection<UInt8>) -> String {
        // Most lines are printable ASCII, of which nothing is to be changed.
        if let text = line.withContiguousStorageIfAvailable(printable) ?? nil { return text }
        var terminal = TerminalText()
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars { terminal.take(scalar) }
        return terminal.finish()
    }

    /// Nil unless all is printable ASCII.
    private static func printable(_ line: UnsafeBufferPointer<UInt8>) -> String? {
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: line, as: UTF8.self)
    }

    /// Shortens `text` to `messageBytes`, between two characters, and says at its end how many bytes were cut.
    package func cut(_ text: String) -> String {
        let length = text.utf8.count
        guard length > messageBytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: messageBytes - Self.marker(length).utf8.count)
        end = text.unicodeScalars.index(before: text.unicodeScalars.index(after: end))
        // Back to the start of a character of several scalars, but not through one that has no end.
        var boundary = end
        for _ in 0..<16 where boundary > text.startIndex && String.Index(boundary, within: text) == nil {
            boundary = text.unicodeScalars.index(before: boundary)
        }
        if String.Index(boundary, within: text) != nil { end = boundary }
        return text[..<end] + Self.marker(text.utf8.distance(from: end, to: text.endIndex))
    }

    private static func marker(_ bytes: Int) -> String { "… (\(bytes) bytes cut)" }
}
