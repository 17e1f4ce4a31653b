/// Text in columns, as wide as what is in them.
struct Table {
    /// One field, with what it means.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = text
            self.tone = tone
        }

        init(stringLiteral value: String) { self.init(value) }

        /// What stands where there is nothing.
        static let nothing = Cell(Shown.nothing)
    }

    private var rows: [[Cell]]

    init(_ headings: String...) { rows = [headings.map { Cell($0, .heading) }] }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// The lines, each without blanks at its end.
    func lines(_ style: Style) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += style.apply(cell.tone, cell.text)
                guard column + 1 < row.count else { break }
                line += String(repeating: " ", count: widths[column] - Self.width(cell) + 2)
            }
            return line
        }
    }

    private static func width(_ cell: Cell) -> Int { cell.text.count }

    func print() { for line in lines(.standardOutput) { Swift.print(line) } }
}
