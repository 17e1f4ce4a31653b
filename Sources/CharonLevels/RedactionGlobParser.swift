/// Reads the text of a glob.
struct RedactionGlobParser {
    var rest: ArraySlice<UInt8>

    /// What the stars separate; nil if the text is none.
    mutating func parse() -> [[RedactionGlob.Element]]? {
        var segments: [[RedactionGlob.Element]] = [[]]
        while let byte = rest.popFirst() {
            switch byte {
            case Byte.newline: return nil
            case 0x2A: segments.append([])
            case 0x3F: segments[segments.count - 1].append(.any)
            case Byte.openBracket:
                guard let set = parseSet() else { return nil }
                segments[segments.count - 1].append(set)
            case Byte.backslash:
                guard let next = rest.popFirst(), next != Byte.newline else { return nil }
                segments[segments.count - 1].append(.plain(next))
            default: segments[segments.count - 1].append(.plain(byte))
            }
        }
        return segments
    }

    /// The set behind a `[`; a `]` that comes first belongs to it.
    private mutating func parseSet() -> RedactionGlob.Element? {
        var set = ByteSet()
        var isFirst = true
        let isNegated = rest.first == 0x21 || rest.first == 0x5E
        if isNegated { rest.removeFirst() }
        while let byte = rest.popFirst() {
            if byte == Byte.closeBracket, !isFirst { return .set(set, isNegated: isNegated) }
            isFirst = false
            guard byte != Byte.newline else { return nil }
            var last = byte
            let range = rest.prefix(2)
            if range.count == 2, range.first == 0x2D, let end = range.last, end != Byte.closeBracket {
                rest.removeFirst(2)
                last = end
            }
            guard byte <= last else { return nil }
            for member in byte...last { set.insert(member) }
        }
        return nil
    }
}
