/// An alias (`*name`) of an anchor (`&name`) in the text of a YAML file.
struct YAMLAlias {
    let name: String
    let position: Position

    /// The first name that stands behind a `*` and, anywhere in the text, behind an `&`.
    ///
    /// Looked for in the text, as a parser would already take the time that such a file is made to cost. Nil only if
    /// there is no alias; by chance, a text that holds the words `&name` and `*name` has the looks of one.
    static func first(in text: String) -> YAMLAlias? {
        let bytes = Array(text.utf8)
        let anchors = Set(names(behind: 0x26, in: bytes).map(\.name))
        guard !anchors.isEmpty, let found = names(behind: 0x2A, in: bytes).first(where: { anchors.contains($0.name) })
        else { return nil }
        let before = bytes[..<found.offset]
        let line = before.lastIndex(of: 0x0A).map { before[($0 + 1)...] } ?? before
        return YAMLAlias(
            name: String(decoding: found.name, as: UTF8.self),
            position: Position(
                line: before.count { $0 == 0x0A } + 1,
                column: String(decoding: line, as: UTF8.self).unicodeScalars.count + 1))
    }

    /// The names of `[A-Za-z0-9_-]` right behind `mark`, with its place, where a value can begin.
    private static func names(behind mark: UInt8, in bytes: [UInt8]) -> [(name: ArraySlice<UInt8>, offset: Int)] {
        var found: [(name: ArraySlice<UInt8>, offset: Int)] = []
        for index in bytes.indices where bytes[index] == mark && (index == 0 || canEnd(bytes[index - 1])) {
            let name = bytes[(index + 1)...].prefix { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
                default: false
                }
            }
            if !name.isEmpty { found.append((name, index)) }
        }
        return found
    }

    /// Whether a value can begin behind a byte: white space, `[`, `{`, `,`, `:`, or the end of any other character, for
    /// YAML has line breaks beyond ASCII.
    private static func canEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x2C, 0x3A, 0x5B, 0x7B, 0x80...: true
        default: false
        }
    }
}
