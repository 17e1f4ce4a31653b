package import CharonCore

/// A pattern of output that holds a secret, as in `token=*`: what its wildcards match is hidden, the rest stays.
///
/// `?` matches one byte that is no white space, `[abc]`, `[a-z]` and `[!a-z]` one byte of a set or outside it, `*` all
/// bytes up to what follows it in the glob, or to the next white space if that comes first: what follows need not come.
/// `\` takes the next character as it is. Nothing matches a newline. Case counts. A glob without wildcards is hidden
/// itself.
package struct RedactionGlob: Hashable, Sendable {
    /// What a glob must be.
    package static let rule =
        "a glob of at most \(longest) bytes with *, ? and [...], at least \(fewestPlain) plain characters before its "
        + "first *, and no newline"
    private static let longest = 256
    private static let fewestPlain = 3
    /// The most bytes between two `*`, as many as `Redactor` has bits for.
    private static let longestSegment = 64

    /// What one byte may be.
    enum Element: Hashable, Sendable {
        case plain(UInt8)
        case any
        case set(ByteSet, isNegated: Bool)

        @inline(__always)
        func matches(_ byte: UInt8) -> Bool {
            switch self {
            case .plain(let expected): byte == expected
            case .any: byte > Byte.space
            case .set(let set, let isNegated): byte != Byte.newline && set.contains(byte) != isNegated
            }
        }
    }

    /// The glob as it was given.
    package let text: String
    /// What stands before, between and behind the stars; only the last one may be empty.
    let segments: [[Element]]
    /// Which elements of each segment are hidden, the first in the lowest bit.
    let masks: [UInt64]
    let isStarLast: Bool
    /// The plain character of the first segment that is rarest in logs, by which the glob is found, and its place.
    let anchor: Anchor

    struct Anchor: Hashable, Sendable {
        let byte: UInt8
        let offset: Int
    }

    /// Throws a `usage` error without a location that says what is wrong.
    package init(_ text: some Collection<UInt8>) throws(CharonError) {
        var parser = RedactionGlobParser(rest: Array(text)[...])
        guard text.count <= Self.longest, let parts = parser.parse(),
            parts.allSatisfy({ $0.count <= Self.longestSegment }),
            let first = parts.first, first.filter(\.isPlain).count >= Self.fewestPlain
        else { throw CharonError(.usage, "not a glob that can be used: \(Self.rule)") }
        self.text = String(decoding: text, as: UTF8.self)
        anchor = Self.anchor(of: first)
        // Two stars in a row are one.
        let segments = parts.filter { !$0.isEmpty }
        self.segments = segments
        isStarLast = parts.count > 1 && parts.last?.isEmpty == true
        let hasWildcards = parts.count > 1 || first.contains { !$0.isPlain }
        masks = segments.map { segment in
            segment.enumerated().reduce(0) { mask, element in
                element.element.isPlain && hasWildcards ? mask : mask | 1 << UInt64(element.offset)
            }
        }
    }

    /// What is common in logs, the commonest last.
    private static let common = Array(#"zqjxkvywXWVYKJQZ"'HGUFBMPOLCNSIDRAT=_bfgph,:/-.987654mucdl321rsnioat0e "#.utf8)

    private static func anchor(of segment: [Element]) -> Anchor {
        var best = Anchor(byte: 0, offset: 0)
        var bestRank = Int.max
        for (offset, element) in segment.enumerated() {
            guard case .plain(let byte) = element else { continue }
            let rank = common.firstIndex(of: byte) ?? -1
            if rank < bestRank { (best, bestRank) = (Anchor(byte: byte, offset: offset), rank) }
        }
        return best
    }

    /// Whether `segment` stands at `position`; nil while it may.
    func matches(_ segment: Int, at position: Int, in window: RedactionWindow) -> Bool? {
        let elements = segments[segment]
        for offset in elements.indices {
            guard let byte = window[position + offset] else { return nil }
            guard elements[offset].matches(byte), byte != Byte.newline else { return false }
        }
        return true
    }
}

extension RedactionGlob.Element {
    fileprivate var isPlain: Bool { if case .plain = self { true } else { false } }
}
