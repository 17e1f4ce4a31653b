import CharonCore
import Yams

/// Lists and mappings.
extension Grammar {
    /// A list of texts, or a single one in its place; each must satisfy `make`.
    package static func oneOrMany<Element>(
        _ words: String, rule: String, pattern: String? = nil, most: Int,
        _ make: @escaping @Sendable (String) -> Element?
    ) -> Grammar where Value == [Element] {
        Grammar("\(words), or a list of such", Schema.oneOrMany(Schema.text(pattern))) { fields, key in
            fields.elements(key, most: most) { text, node in
                guard let element = make(text) else {
                    fields.problems.add(at: node.position, "\"\(key)\" must be \(rule)")
                    return nil
                }
                return element
            }
        }
    }

    /// A mapping of these keys.
    package static func mapping(_ keys: [Key<Value>], _ initial: Value) -> Grammar where Value: Sendable {
        let described = keys.map(\.description)
        return Grammar("mapping", Schema.mapping(described), keys: described) { fields, key in
            guard let node = fields.node(key) else { return nil }
            var value = initial
            return keys.read(node, name: "\"\(key)\"", fields.problems, into: &value) ? value : nil
        }
    }

    /// A mapping of these keys, or a single value of `short` in its place.
    static func mapping<Short>(
        _ keys: [Key<Value>], _ initial: Value, orJust short: Grammar<Short>,
        _ path: any (WritableKeyPath<Value, Short> & Sendable)
    ) -> Grammar where Value: Sendable {
        let whole = mapping(keys, initial)
        return Grammar("\(short.words), or a mapping", ["anyOf": [short.schema, whole.schema]], keys: whole.keys) {
            fields, key in
            guard let node = fields.node(key), node.scalar != nil, !node.isNull else { return whole.read(fields, key) }
            var value = initial
            guard let part = short.read(fields, key) else { return nil }
            value[keyPath: path] = part
            return value
        }
    }
}

extension Grammar where Value == JobCommand {
    private static let form = "a list of words, as in [/usr/bin/true, --quiet], or a text for /bin/sh -c"

    static let command = Grammar(
        "list (a program and its arguments) or text (for /bin/sh -c)",
        [
            "anyOf": [
                ["type": "string", "pattern": "\\S"],
                ["type": "array", "minItems": 1, "items": ["type": ["string", "number", "boolean"]]],
            ]
        ]
    ) { fields, key in
        guard let node = fields.node(key) else { return nil }
        if let sequence = node.sequence { return words(sequence.map(\.self), fields, key) }
        guard let text = node.scalar?.string, !node.isNull, text.contains(where: { !$0.isWhitespace }) else {
            fields.add(key, "must be \(form): it is \(node.scalar == nil ? node.kind : "empty")")
            return nil
        }
        guard !text.utf8.contains(0) else {
            fields.add(key, "must not hold a NUL")
            return nil
        }
        return .shell(text)
    }

    private static func words(_ nodes: [YAMLNode], _ fields: YAMLFields, _ key: String) -> JobCommand? {
        var words: [String] = []
        words.reserveCapacity(nodes.count)
        for node in nodes {
            guard let text = node.scalar?.string, !node.isNull, !text.utf8.contains(0) else {
                let found = node.scalar == nil ? node.kind : node.isNull ? "empty: quote it" : "a text with a NUL"
                fields.problems.add(at: node.position, "a word of \"\(key)\" must be a single value: it is \(found)")
                return nil
            }
            words.append(text)
        }
        guard let program = words.first, !program.isEmpty else {
            fields.add(key, "must begin with a program: it is \(form)")
            return nil
        }
        return .words(words)
    }
}

extension Grammar where Value == [EnvironmentVariable] {
    /// Set for each run.
    private static let reserved = ["CHARON_SLUG", "CHARON_RUN_ID", "CHARON_NOMINAL_TIME"]

    static let environment = Grammar(
        "mapping of names to values",
        [
            "type": "object", "propertyNames": ["pattern": "^[A-Za-z_][A-Za-z0-9_]*$"],
            "additionalProperties": ["type": ["string", "number", "boolean"]],
        ]
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        var variables: [EnvironmentVariable] = []
        for (name, position, value) in pairs {
            guard EnvironmentVariable.isName(name) else {
                let rule = EnvironmentVariable.rule
                fields.problems.add(at: position, "the name of a variable of \"\(key)\" must be \(rule)")
                continue
            }
            guard !reserved.contains(name) else {
                fields.problems.add(at: position, "\"\(name)\" is set by charond itself: leave it out")
                continue
            }
            guard let text = value.scalar?.string, !value.isNull, !text.utf8.contains(0) else {
                let found = value.scalar == nil ? value.kind : value.isNull ? "empty: write \"\"" : "a text with a NUL"
                fields.problems.add(
                    at: value.position, "the value of \"\(name)\" must be a single value: it is \(found)")
                continue
            }
            variables.append(EnvironmentVariable(name, text))
        }
        return variables
    }
}

extension Grammar where Value == SuccessCodes {
    static let successCodes = Grammar(
        "numbers and ranges from 0 to 255", Schema.oneOrMany(Schema.text("^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$"))
    ) { fields, key in
        let parts = fields.elements(key, most: 256) { text, node in
            guard let codes = SuccessCodes(text) else {
                fields.problems.add(at: node.position, "\"\(key)\": \(SuccessCodes.rule)")
                return nil as SuccessCodes?
            }
            return codes
        }
        return parts.flatMap { SuccessCodes($0.map(\.description).joined(separator: ",")) }
    }
}
