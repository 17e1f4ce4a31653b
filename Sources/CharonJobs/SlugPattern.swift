package import CharonCore

/// A pattern for slugs: the characters of a slug, and `*` for any number of them, none included.
package struct SlugPattern: Hashable, Sendable, CustomStringConvertible {
    /// What a pattern may be, for messages.
    package static let rule = "1 to 100 of A-Z a-z 0-9 . _ - and '*', which stands for any characters, as in shop-*"

    /// The pattern as it was written.
    package let text: String

    /// Nil unless `text` follows the rule.
    package init?(_ text: String) {
        guard (1...100).contains(text.utf8.count),
            text.utf8.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D, 0x2A: true
                default: false
                }
            })
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// Whether all of `slug` fits, case included.
    package func matches(_ slug: Slug) -> Bool {
        let pattern = Array(text.utf8)
        let name = Array(slug.text.utf8)
        var at = 0
        var index = 0
        // Where to go on when a character does not fit: behind the last star, which then takes one character more.
        var retry: (at: Int, index: Int)?
        while index < name.count {
            if at < pattern.count, pattern[at] == 0x2A {
                at += 1
                retry = (at, index)
            } else if at < pattern.count, pattern[at] == name[index] {
                at += 1
                index += 1
            } else if let last = retry {
                at = last.at
                index = last.index + 1
                retry = (at, index)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == 0x2A }
    }
}
