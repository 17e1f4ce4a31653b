import CharonCore

/// What stands for the names of tags while a call goes on: variables, built-ins, and what answers gave.
struct Values: Sendable {
    private struct Entry: Sendable {
        let value: JSON
        let isSecret: Bool
    }

    private var entries: [String: Entry] = [:]
    /// What is shown in a secret's place.
    static let mark = "***"

    init() {}

    /// The value of a name; nil if it has none yet.
    subscript(_ name: String) -> JSON? { entries[name]?.value }

    /// Gives a name its value.
    mutating func set(_ name: String, _ value: JSON, isSecret: Bool = false) {
        entries[name] = Entry(value: value, isSecret: isSecret)
    }

    /// The same with a mark in each secret's place.
    var shown: Values {
        var shown = self
        for (name, entry) in entries where entry.isSecret { shown.set(name, .string(Self.mark)) }
        return shown
    }

    /// The texts of all secrets.
    var secrets: [String] { entries.values.filter(\.isSecret).map { Self.text(of: $0.value) } }

    /// What a value is in the midst of a text: a string as it is, anything else as JSON.
    static func text(of value: JSON) -> String { value.string ?? value.description }
}
