import CharonCore
import CharonJobs
import Yams

/// A JSON value whose texts have tags.
indirect enum JSONTemplate: Sendable {
    case literal(JSON)
    case text(Template)
    case list([JSONTemplate])
    case object([(name: String, value: JSONTemplate)])

    /// Reads YAML as JSON: plain `true`, `null` and numbers are what they are in JSON, everything else is text.
    init?(_ node: YAMLNode, _ what: String, _ problems: ProblemList, depth: Int = 0) {
        guard depth < 60 else {
            problems.add(at: node.position, "\(what) has more than 60 levels")
            return nil
        }
        if let sequence = node.sequence {
            self = .list(sequence.compactMap { JSONTemplate($0, what, problems, depth: depth + 1) })
        } else if let scalar = node.scalar {
            if scalar.style == .plain, let literal = Self.literal(scalar.string) {
                self = .literal(literal)
            } else if let template = Template(node, what, problems) {
                self = .text(template)
            } else {
                return nil
            }
        } else {
            guard let pairs = YAMLFields.pairs(of: node, name: what, problems) else { return nil }
            self = .object(
                pairs.compactMap { pair in
                    JSONTemplate(pair.value, what, problems, depth: depth + 1).map { (pair.key, $0) }
                })
        }
    }

    private static func literal(_ text: String) -> JSON? {
        switch text {
        case "", "~", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        default: (try? JSON.parse(text.utf8)).flatMap { $0.number == nil ? nil : $0 }
        }
    }

    /// The value; a text that is exactly one tag becomes what its name stands for, with its type.
    func render(_ values: Values) -> JSON {
        switch self {
        case .literal(let value): value
        case .text(let template):
            if template.isOneTag, let value = values[template.tags[0].name] {
                value
            } else {
                .string(template.render(values))
            }
        case .list(let elements): .array(elements.map { $0.render(values) })
        case .object(let members): .object(members.map { JSON.Member($0.name, $0.value.render(values)) })
        }
    }

    /// All texts in it.
    var templates: [Template] {
        switch self {
        case .literal: []
        case .text(let template): [template]
        case .list(let elements): elements.flatMap(\.templates)
        case .object(let members): members.flatMap(\.value.templates)
        }
    }
}
