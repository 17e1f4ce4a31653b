import CharonCore
import CharonJobs
import Yams

extension Grammar where Value == Template {
    /// A text with tags.
    static func template(_ words: String = "text with tags") -> Grammar {
        Grammar(words, ["type": ["string", "number", "boolean"]]) { fields, key in
            fields.node(key).flatMap { Template($0, "\"\(key)\"", fields.problems) }
        }
    }

    /// The path of a request.
    static let path = Grammar("path with tags", ["type": "string", "pattern": "^(/|\\{\\{ *\\+)"]) { fields, key in
        guard let node = fields.node(key), let template = Template(node, "\"\(key)\"", fields.problems) else {
            return nil
        }
        guard template.text.hasPrefix("/") || template.text.hasPrefix("{{") && template.tags.first?.isPath == true
        else {
            fields.add(key, "must begin with '/', or with a tag {{+name}}")
            return nil
        }
        guard !template.text.contains(where: { $0 == "?" || $0 == "#" || $0.isControl }) else {
            fields.add(key, "must not hold '?', '#' or control characters: parameters belong into \"query\"")
            return nil
        }
        return template
    }
}

extension Grammar where Value == [Template] {
    /// One text or several.
    static func templates(most: Int) -> Grammar {
        Grammar("text with tags, or a list of such", Schema.oneOrMany(["type": ["string", "number", "boolean"]])) {
            fields, key in
            guard let node = fields.node(key) else { return nil }
            let nodes = node.sequence.map { Array($0) } ?? [node]
            guard (1...most).contains(nodes.count) else {
                fields.add(key, "must have from 1 to \(most) elements")
                return nil
            }
            let templates = nodes.compactMap { Template($0, "an element of \"\(key)\"", fields.problems) }
            return templates.count == nodes.count ? templates : nil
        }
    }
}

extension Grammar where Value == JSONTemplate {
    static let json = Grammar("any value", [:]) { fields, key in
        fields.node(key).flatMap { JSONTemplate($0, "\"\(key)\"", fields.problems) }
    }
}

extension Grammar where Value == [RequestTemplate.Named] {
    /// Names with one text each; `isName` says what a name may be.
    static func named(_ rule: String, _ isName: @escaping @Sendable (String) -> Bool) -> Grammar {
        Grammar(
            "mapping of names to texts with tags",
            ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean"]]]
        ) { fields, key in
            guard let node = fields.node(key),
                let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
            else { return nil }
            return pairs.compactMap { name, position, value in
                guard isName(name) else {
                    fields.problems.add(at: position, "a name of \"\(key)\" must be \(rule)")
                    return nil
                }
                return Template(value, "\"\(name)\"", fields.problems).map { .init(name: name, value: $0) }
            }
        }
    }

    static let headers = named("a header's name (RFC 9110, 5.1)", HeaderName.isValid)
    static let matrix = named("one character or more") { !$0.isEmpty }
}

extension Grammar where Value == [RequestTemplate.Parameter] {
    private static let element: JSON = ["type": ["string", "number", "boolean"]]

    /// Names with a text, a list of texts, or a text that is left out where it is empty.
    static let parameters = Grammar(
        "mapping of names to texts with tags, lists of such, or {value:, omit_if_empty: true}",
        [
            "type": "object",
            "additionalProperties": [
                "anyOf": [
                    element, ["type": "array", "items": element],
                    [
                        "type": "object", "additionalProperties": false, "required": ["value"],
                        "properties": ["value": element, "omit_if_empty": ["type": "boolean"]],
                    ],
                ]
            ],
        ]
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        return pairs.compactMap { name, _, value in parameter(name, value, fields.problems) }
    }

    private static func parameter(_ name: String, _ node: YAMLNode, _ problems: ProblemList)
        -> RequestTemplate.Parameter?
    {
        if node.mapping != nil {
            guard let fields = YAMLFields(node, name: "\"\(name)\"", allowed: ["value", "omit_if_empty"], problems)
            else { return nil }
            guard let value = fields.node("value") else {
                problems.add(.missingKey, at: node.position, "\"\(name)\" has no \"value\"")
                return nil
            }
            let isOmitted = fields.bool("omit_if_empty") ?? false
            return Template(value, "\"\(name)\"", problems).map {
                .init(name: name, values: [$0], isOmittedIfEmpty: isOmitted)
            }
        }
        let nodes = node.sequence.map { Array<YAMLNode>($0) } ?? [node]
        let values = nodes.compactMap { Template($0, "\"\(name)\"", problems) }
        return .init(name: name, values: values, isOmittedIfEmpty: false)
    }
}

extension Grammar where Value == [RequestTemplate.Part] {
    static let parts = Grammar(
        "mapping of names to texts with tags, or to {file:, content_type:, name:}", ["type": "object"],
        keys: RequestTemplate.FilePart.keys.map(\.description)
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        return pairs.compactMap { name, _, value in
            guard value.mapping != nil else {
                return Template(value, "\"\(name)\"", fields.problems).map { .init(name: name, content: .text($0)) }
            }
            var file = RequestTemplate.FilePart()
            guard RequestTemplate.FilePart.keys.read(value, name: "\"\(name)\"", fields.problems, into: &file) else {
                return nil
            }
            guard file.path != nil || value.mapping?["file"] != nil else {
                fields.problems.add(.missingKey, at: value.position, "\"\(name)\" has no \"file\"")
                return nil
            }
            return .init(name: name, content: .file(file))
        }
    }
}
