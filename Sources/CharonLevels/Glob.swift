/// A pattern of `*` (any bytes), `?` (one byte), `[abc]`, `[a-z]`, `[!x]` (one byte of these, or none of these) and `\x`.
///
/// It stands for a whole line, as with glob(7), on bytes and with regard to case. A match takes at most the product of
/// both lengths: what stands between two stars is looked for once, from the left, and never again.
package struct Glob: Hashable, Sendable {
    /// One place of the pattern.
    private enum Element: Hashable {
        case byte(UInt8)
        case any
        case set([ClosedRange<UInt8>], isNegated: Bool)

        func matches(_ byte: UInt8) -> Bool {
            switch self {
            case .byte(let own): own == byte
            case .any: true
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(byte) } != isNegated
            }
        }
    }

    /// What stands between the stars: one part more than there are stars.
    private let parts: [[Element]]

    /// Reads a pattern; a `[` that is not closed stands for itself, as does a `\` at the end.
    package init(_ pattern: some Sequence<UInt8>) {
        let pattern = Array(pattern)
        var parts: [[Element]] = [[]]
        var index = 0
        func add(_ element: Element) { parts[parts.count - 1].append(element) }
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            switch Unicode.Scalar(byte) {
            case "*": parts.append([])
            case "?": add(.any)
            case "\\" where index < pattern.count:
                add(.byte(pattern[index]))
                index += 1
            case "[":
                if let set = Self.set(pattern, &index) { add(set) } else { add(.byte(byte)) }
            default: add(.byte(byte))
            }
        }
        self.parts = parts
    }

    /// The set whose `[` is before `index`, which then is behind its `]`; nil if it has no end.
    private static func set(_ pattern: [UInt8], _ index: inout Int) -> Element? {
        var next = index
        let isNegated = next < pattern.count && (pattern[next] == 0x21 || pattern[next] == 0x5E)
        if isNegated { next += 1 }
        var ranges: [ClosedRange<UInt8>] = []
        while next < pattern.count {
            let low = pattern[next]
            // A bracket right at the start is one of the set.
            if low == 0x5D, !ranges.isEmpty {
                index = next + 1
                return .set(ranges, isNegated: isNegated)
            }
            if next + 2 < pattern.count, pattern[next + 1] == 0x2D, pattern[next + 2] != 0x5D {
                let high = pattern[next + 2]
                ranges.append(min(low, high)...max(low, high))
                next += 3
            } else {
                ranges.append(low...low)
                next += 1
            }
        }
        return nil
    }

    /// Whether the pattern stands for all of `text`.
    package func matches(_ text: Span<UInt8>) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        guard parts.count > 1 else { return text.count == first.count && matches(first, text, at: 0) }
        guard text.count >= first.count + last.count, matches(first, text, at: 0),
            matches(last, text, at: text.count - last.count)
        else { return false }
        let end = text.count - last.count
        var start = first.count
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            while start + part.count <= end, !matches(part, text, at: start) { start += 1 }
            guard start + part.count <= end else { return false }
            start += part.count
        }
        return true
    }

    private func matches(_ part: [Element], _ text: Span<UInt8>, at start: Int) -> Bool {
        for offset in part.indices where !part[offset].matches(text[start + offset]) { return false }
        return true
    }
}
