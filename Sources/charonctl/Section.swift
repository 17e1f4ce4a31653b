/// A part of a report: names and what there is to say of each, below a heading.
struct Section {
    typealias Field = (name: String, cell: Table.Cell)

    let heading: String
    let fields: [Field]

    /// The heading and the fields of which there is something; none without any.
    func lines(_ style: Style) -> [String] {
        let shown = fields.filter { $0.cell.text != Shown.nothing }
        guard !shown.isEmpty else { return [] }
        return [style.apply(.heading, heading)]
            + shown.map { name, cell in
                let label = name + String(repeating: " ", count: max(15 - name.count, 1))
                return "  \(label)\(style.apply(cell.tone, cell.text))"
            }
    }

    func print(_ style: Style) { for line in lines(style) { Swift.print(line) } }
}
