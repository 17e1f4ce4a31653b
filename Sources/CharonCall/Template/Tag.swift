import CharonJobs

/// One `{{name}}` of a text, or `{{+name}}`, which is put into a path as it is.
struct Tag: Hashable, Sendable {
    let name: String
    /// Whether the value is a path of its own, not one step of a path.
    let isPath: Bool
    let position: Position?

    /// Letters, digits and `_`, without a digit at the beginning.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
    }

    static let rule = "a name is made of letters, digits and _, and does not begin with a digit"

    /// The pieces of a text: what stands between tags, and what is between `{{` and `}}`.
    enum Piece: Hashable {
        case text(Substring)
        /// With the column of its `{{`, counted from 1.
        case tag(Substring, column: Int)
        /// A `{{` without its `}}`.
        case open(column: Int)
    }

    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            if start.lowerBound > rest.startIndex { pieces.append(.text(rest[..<start.lowerBound])) }
            let column = text[..<start.lowerBound].unicodeScalars.count + 1
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                pieces.append(.open(column: column))
                return pieces
            }
            pieces.append(.tag(rest[start.upperBound..<end.lowerBound], column: column))
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.text(rest)) }
        return pieces
    }
}
