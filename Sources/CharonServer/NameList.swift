/// Names and what they mean, for people: one a line, in two columns.
enum NameList {
    static func text(_ rows: [(name: String, meaning: String)]) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            "  \(row.name)\(String(repeating: " ", count: width - row.name.count))  \(row.meaning)"
        }.joined(separator: "\n")
    }
}
