/// Finds what a mistyped word was meant to be.
package enum Spelling {
    /// The word nearest to `word`, if a typing error or two, in proportion to its length, make the difference.
    package static func nearest(to word: String, among words: [String]) -> String? {
        let near = words.map { (word: $0, distance: distance(word, $0)) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        guard let near, near.distance <= max(1, min(word.count, near.word.count) / 3) else { return nil }
        return near.word
    }

    /// Insertions, deletions, substitutions and swaps of neighbours between two words.
    package static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.lowercased().prefix(64))
        let b = Array(b.lowercased().prefix(64))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
