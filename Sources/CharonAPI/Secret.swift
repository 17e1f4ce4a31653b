/// An API key: text that appears in no description, dump, error or log.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package static let rule = "a key is 1 to 1024 visible ASCII characters on one line"

    /// The key itself, for the header of a request only.
    package let revealed: String

    /// Takes the text of a key, with the white space around it dropped, as a file ends in a newline.
    ///
    /// Nil unless the rest follows the rule.
    package init?(_ text: String) {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        guard (1...1024).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        revealed = String(text)
    }

    /// What stands in a key's place.
    package static let mark = "<redacted>"

    package var description: String { Self.mark }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
