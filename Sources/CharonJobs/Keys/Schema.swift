package import CharonCore

/// Parts of a JSON Schema (draft 2020-12).
package enum Schema {
    /// A text, and a number where YAML makes one of it.
    package static func text(_ pattern: String? = nil) -> JSON {
        guard let pattern else { return ["type": ["string", "number"]] }
        return ["type": ["string", "number"], "pattern": .string(pattern)]
    }

    /// One of some words.
    package static func choice(_ words: [String]) -> JSON { ["enum": .array(words.map(JSON.string))] }

    /// One element, or a list of such.
    package static func oneOrMany(_ element: JSON) -> JSON {
        ["anyOf": [element, ["type": "array", "items": element, "minItems": 1]]]
    }

    static let slugPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
    private static let timePattern = "([0-9]+|( *[0-9]+ *(ms|s|sec|m|min|h|d|w))+ *)"
    private static let sizePattern = "[0-9]+ *(B|[KMGT](iB)?)?"
    static let timeSpan = quantity(timePattern)
    static let byteCount = quantity(sizePattern)
    /// The same, or `unlimited`.
    static let timeLimit = quantity("\(timePattern)|unlimited")
    static let sizeLimit = quantity("\(sizePattern)|unlimited")
    static let countLimit = quantity("[0-9]+|unlimited")

    /// A text, or a number that is not negative.
    private static func quantity(_ pattern: String) -> JSON {
        ["type": ["string", "number"], "pattern": .string("^(\(pattern))$"), "minimum": 0]
    }

    /// A mapping of exactly these keys.
    package static func mapping(_ keys: [KeyDescription], required: [String] = []) -> JSON {
        [
            "type": "object", "additionalProperties": false,
            "required": required.isEmpty ? nil : .array(required.map(JSON.string)),
            "properties": .object(
                keys.map { JSON.Member($0.name, described($0)) }),
        ]
    }

    private static func described(_ key: KeyDescription) -> JSON {
        guard case .object(let members) = key.schema else { return key.schema }
        let text = "\(key.purpose) Default: \(key.fallback)."
        return .object([JSON.Member("description", .string(text))] + members)
    }
}
