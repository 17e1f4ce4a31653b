/// The name under which Charon has registered a cron: `[A-Za-z0-9][A-Za-z0-9._-]{0,99}`.
///
/// The only identifier that becomes a directory name, so nothing else is accepted anywhere.
package struct Slug: Hashable, Sendable, CustomStringConvertible, Comparable {
    package static let rule = "a slug is 1 to 100 of A-Z a-z 0-9 . _ - and begins with a letter or digit"

    package let text: String

    /// Nil unless `text` is a slug.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count <= 100, let first = bytes.first, Self.isAlphanumeric(first),
            bytes.allSatisfy({ Self.isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (a: Slug, b: Slug) -> Bool { a.text < b.text }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
