import CharonAPI
import CharonCore
import CharonJobs
import HTTPTypes

/// Values of a fixed form that may be left to variables, for what an API's documentation does not state.
enum LateValues {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    static let methodRule = "one of \(methods.joined(separator: ", "))"
    static let tag = "\\{\\{"

    static func method(_ node: YAMLNode, _ what: String, _ problems: ProblemList) -> Late<HTTPRequest.Method>? {
        read(node, what, complaint: "must be \(methodRule)", problems) {
            methods.contains($0) ? HTTPRequest.Method($0) : nil
        }
    }

    static func pointer(_ node: YAMLNode, _ what: String, _ problems: ProblemList) -> Late<JSONPointer>? {
        read(node, what, complaint: "is no pointer: \(JSONPointer.rule)", problems) { JSONPointer($0) }
    }

    static func header(_ node: YAMLNode, _ what: String, _ problems: ProblemList) -> Late<String>? {
        read(node, what, complaint: "must be a header's name (RFC 9110, 5.1)", problems) {
            HeaderName.isValid($0) ? $0 : nil
        }
    }

    /// What has no tag is held against its form at once.
    private static func read<Value: Sendable>(
        _ node: YAMLNode, _ what: String, complaint: String, _ problems: ProblemList,
        _ parse: @escaping @Sendable (String) -> Value?
    ) -> Late<Value>? {
        guard let template = Template(node, what, problems) else { return nil }
        guard template.tags.isEmpty else { return Late(template, complaint: complaint, parse) }
        guard let value = parse(template.text) else {
            problems.add(at: node.position, "\(what) \(complaint)")
            return nil
        }
        return Late(value)
    }
}

extension Grammar where Value == Late<HTTPRequest.Method> {
    static let method = Grammar(
        LateValues.methodRule, ["type": "string", "pattern": .string("^[A-Z]+$|\(LateValues.tag)")]
    ) {
        fields, key in fields.node(key).flatMap { LateValues.method($0, "\"\(key)\"", fields.problems) }
    }
}

extension Grammar where Value == Late<JSONPointer> {
    static let pointer = Grammar("JSON pointer", ["type": "string", "pattern": .string("^(/|$)|\(LateValues.tag)")]) {
        fields, key in fields.node(key).flatMap { LateValues.pointer($0, "\"\(key)\"", fields.problems) }
    }
}

extension Grammar where Value == Late<String> {
    static let header = Grammar("name of a header", ["type": "string"]) { fields, key in
        fields.node(key).flatMap { LateValues.header($0, "\"\(key)\"", fields.problems) }
    }
}
