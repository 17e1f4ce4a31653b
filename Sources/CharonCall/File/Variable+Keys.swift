import CharonCore
import CharonJobs
import Yams

extension Variable {
    static let keys: [Key<Variable>] = [
        Key(
            "description", "What it is, for people.", .text("text", rule: "a text") { $0 }, into: \.description,
            fallback: "none", good: "the host", bad: "[a]"),
        Key(
            "default", "Its value where none is given; it may use variables before it.", .template(), into: \.fallback,
            fallback: "none: it must be given", good: "\"{{now}}\"", bad: "[a]"),
        Key(
            "type", "What it is in JSON: string, integer, number, boolean or json.", .choice, into: \.kind,
            fallback: "string", good: "integer", bad: "int"),
        Key(
            "credential", "The systemd credential that holds it (LoadCredential= in systemd.exec(5)).",
            .text("name", rule: "the name of a credential", pattern: "^[^/:\\s]{1,255}$") { text in
                text.contains(where: { "/: ".contains($0) || $0.isControl }) || text.hasPrefix(".") ? nil : text
            }, into: \.credential, fallback: "none", good: "api-key", bad: "keys/api"),
        Key(
            "file", "A file that holds it in its first line, and that not everybody can read.", .path(), into: \.file,
            fallback: "none", good: "/etc/charon/secrets/api.key", bad: "api.key"),
        Key(
            "environment", "The variable of the environment that holds it.",
            .text("name", rule: Tag.rule) { Tag.isName($0) ? $0 : nil }, into: \.environment, fallback: "none",
            good: "API_KEY", bad: "API-KEY"),
        Key(
            "secret", "Whether its value is kept out of everything that is printed.", .bool, into: \.secret,
            fallback: "true for credential, file and environment, else false", good: "false", bad: "no"),
    ]

    /// What is wrong with a variable as a whole.
    var complaint: String? {
        if [credential != nil, file != nil, environment != nil].count(where: { $0 }) > 1 {
            return "has several sources: keep one of credential, file and environment"
        }
        if secret == true, source == .argument {
            return "is secret and has no source: say credential, file or environment"
        }
        if isSecret, let fallback, !fallback.text.isEmpty {
            return "is secret: its value does not belong into the file, so \"default\" may only be empty"
        }
        if isSecret, kind != .string { return "is secret: its \"type\" must be string" }
        return nil
    }
}

extension Grammar where Value == [Variable] {
    static let variables = Grammar(
        "mapping of names to mappings",
        ["type": "object", "additionalProperties": Schema.mapping(Variable.keys.map(\.description))],
        keys: Variable.keys.map(\.description)
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        return pairs.compactMap { name, position, value in
            guard Tag.isName(name) else {
                fields.problems.add(at: position, "the name of a variable is no name: \(Tag.rule)")
                return nil
            }
            guard !BuiltIns.names.contains(name) else {
                fields.problems.add(at: position, "\"\(name)\" is built in: choose another name")
                return nil
            }
            var variable = Variable(name: name, position: position)
            guard Variable.keys.read(value, name: "the variable \"\(name)\"", fields.problems, into: &variable) else {
                return nil
            }
            if let complaint = variable.complaint { fields.problems.add(at: position, "\"\(name)\" \(complaint)") }
            return variable
        }
    }
}
