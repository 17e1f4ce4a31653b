/// A key that stands a second time in a mapping whose keys have lines of their own.
struct DuplicateKey {
    /// So many of a file are told each by itself.
    static let most = 20

    let key: String
    let first: Position
    let second: Position

    var message: String { "the key \"\(key)\" appears more than once: keep one (the first is in line \(first.line))" }

    /// Finds the second `key` below the one at `first` and takes it out of `text`, without moving any other line.
    ///
    /// Nil if it is not found, as in a mapping in braces.
    init?(_ key: String, first: Position, removedFrom text: inout String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let indent = first.column - 1
        func depth(_ line: Substring) -> Int? {
            guard let start = line.firstIndex(where: { $0 != " " && $0 != "\r" }), line[start] != "#" else {
                return nil
            }
            return line.distance(from: line.startIndex, to: start)
        }
        var place: Int?
        for index in lines.indices.dropFirst(first.line) {
            guard let found = depth(lines[index]), found <= indent else { continue }
            guard found == indent else { break }
            if Self.begins(lines[index].dropFirst(indent), with: key) {
                place = index
                break
            }
        }
        guard let place else { return nil }
        lines[place] = ""
        for index in lines.indices.dropFirst(place + 1) {
            if let found = depth(lines[index]),
                found < indent || (found == indent && !lines[index].dropFirst(indent).hasPrefix("- "))
            {
                break
            }
            lines[index] = ""
        }
        text = lines.joined(separator: "\n")
        self.key = key
        self.first = first
        second = Position(line: place + 1, column: first.column)
    }

    private static func begins(_ line: Substring, with key: String) -> Bool {
        ["", "\"", "'"].contains { quote in
            let start = quote + key + quote
            return line.hasPrefix(start) && line.dropFirst(start.count).drop { $0 == " " }.first == ":"
        }
    }
}
