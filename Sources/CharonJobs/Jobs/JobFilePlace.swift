import Yams

/// What a job file holds under `jobs`, and where.
struct JobFilePlace {
    struct Entry {
        let key: String
        let position: Position?
        let value: Node

        func has(_ key: String) -> Bool { value.mapping?.contains { $0.key.scalar?.string == key } ?? true }

        func position(of key: String) -> Position? {
            value.mapping?.first { $0.key.scalar?.string == key }.flatMap { $0.value.position }
        }
    }

    private(set) var entries: [Entry] = []

    /// Reports what is no job file.
    init(_ root: Node, _ problems: ProblemList) {
        guard let fields = YAMLFields(root, name: "a job file", allowed: ["jobs"], problems) else { return }
        guard let node = fields.node("jobs") else { return }
        for pair in YAMLFields.pairs(of: node, name: "\"jobs\"", problems) ?? [] {
            entries.append(Entry(key: pair.key, position: pair.position, value: pair.value))
        }
    }

    /// Whether the key of a job begins there.
    func isSlug(_ position: Position) -> Bool { entries.contains { $0.position == position } }

    /// The index of the job that a place below its key belongs to.
    func job(at position: Position) -> Int? {
        guard let first = entries.first?.position, position.column > first.column else { return nil }
        return entries.lastIndex { ($0.position?.line ?? .max) <= position.line }
    }
}
