import CharonCore
import Foundation
import Testing
import Yams

/// As much of JSON Schema (draft 2020-12) as our schemas use, for values as YAML's core schema makes them.
struct SchemaValidator {
    /// What is wrong with a value; nil if nothing is.
    static func complaint(_ value: Node, _ schema: JSON, at path: String = "$") -> String? {
        for member in schema.members ?? [] {
            if let found = complaint(value, member.name, member.value, schema, path) { return found }
        }
        return nil
    }

    private static func complaint(
        _ value: Node, _ keyword: String, _ argument: JSON, _ schema: JSON, _ path: String
    ) -> String? {
        switch keyword {
        case "type":
            let types = argument.array?.compactMap(\.string) ?? [argument.string ?? ""]
            return types.contains { isOf($0, value) } ? nil : "\(path) is no \(types)"
        case "enum":
            return argument.array?.contains { $0.string == value.scalar?.string } == true
                ? nil : "\(path) is not allowed"
        case "pattern":
            guard isOf("string", value), let text = value.scalar?.string, let pattern = argument.string else {
                return nil
            }
            return text.range(of: pattern, options: .regularExpression) != nil
                ? nil : "\(path) does not match \(pattern)"
        case "minimum", "maximum":
            guard let number = value.scalar.flatMap({ Double($0.string) }), let limit = argument.number else {
                return nil
            }
            return (keyword == "minimum" ? number >= limit : number <= limit) ? nil : "\(path) is out of range"
        case "minItems": return value.sequence.map { $0.count >= 1 } ?? true ? nil : "\(path) is empty"
        case "items":
            return value.sequence?.enumerated().lazy.compactMap { complaint($1, argument, at: "\(path)[\($0)]") }.first
        case "anyOf", "oneOf":
            let fits = argument.array?.count { complaint(value, $0, at: path) == nil } ?? 0
            return (keyword == "oneOf" ? fits == 1 : fits > 0) ? nil : "\(path) fits \(fits) of \(keyword)"
        case "allOf": return argument.array?.lazy.compactMap { complaint(value, $0, at: path) }.first
        case "required":
            let missing = argument.array?.compactMap(\.string).first { value.mapping?[Node($0)] == nil }
            return value.mapping == nil ? nil : missing.map { "\(path) has no \($0)" }
        case "properties", "additionalProperties", "propertyNames":
            return value.mapping?.lazy.compactMap { property($0.key, $0.value, keyword, argument, schema, path) }.first
        case "$schema", "title", "description": return nil
        default:
            Issue.record("the validator does not know \(keyword)")
            return nil
        }
    }

    private static func property(
        _ key: Node, _ value: Node, _ keyword: String, _ argument: JSON, _ schema: JSON, _ path: String
    ) -> String? {
        let name = key.scalar?.string ?? ""
        let known = schema["properties"]?[name]
        switch keyword {
        case "propertyNames": return complaint(Node(name, Tag(.str)), argument, at: "\(path).\(name)")
        case "properties": return known.flatMap { complaint(value, $0, at: "\(path).\(name)") }
        default:
            guard known == nil else { return nil }
            return argument.bool == false
                ? "\(path) has an unknown \(name)" : complaint(value, argument, at: "\(path).\(name)")
        }
    }

    private static func isOf(_ type: String, _ value: Node) -> Bool {
        switch (type, value) {
        case ("object", .mapping), ("array", .sequence): true
        case ("string", .scalar): value.tag == Tag(.str)
        case ("integer", .scalar): value.tag == Tag(.int)
        case ("number", .scalar): [Tag(.int), Tag(.float)].contains(value.tag)
        case ("boolean", .scalar): value.tag == Tag(.bool)
        case ("null", .scalar): value.tag == Tag(.null)
        default: false
        }
    }
}
