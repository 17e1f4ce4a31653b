import CharonAPI
import CharonCore
import CharonJobs
import HTTPTypes
import Yams

/// What the name of a header may be.
enum HeaderName {
    static func isValid(_ name: String) -> Bool { HTTPField.Name(name) != nil && !name.hasPrefix(":") }
}

extension Grammar where Value == JSONPointer {
    static let pointer = Grammar("JSON pointer", ["type": "string", "pattern": "^(/|$)"]) { fields, key in
        guard let node = fields.node(key), let text = node.scalar?.string, !node.isNull, let pointer = JSONPointer(text)
        else {
            fields.add(key, "is no pointer: \(JSONPointer.rule)")
            return nil
        }
        return pointer
    }
}

extension Grammar where Value == Double {
    /// A decimal number of a range.
    static func decimal(_ range: ClosedRange<Int>) -> Grammar {
        let schema: JSON = [
            "type": "number", "minimum": .integer(Int64(range.lowerBound)),
            "maximum": .integer(Int64(range.upperBound)),
        ]
        let words = "number from \(range.lowerBound) to \(range.upperBound)"
        return Grammar(words, schema) { fields, key in
            fields.value(key, rule: "a \(words), as in 1.5") { text in
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
                return Double(text).flatMap {
                    (Double(range.lowerBound)...Double(range.upperBound)).contains($0) ? $0 : nil
                }
            }
        }
    }
}

/// A status, or a range of statuses.
enum StatusRange {
    static let rule = "a status from 100 to 599, or a range of such, as in 200-299"
    static let schema: JSON = ["type": ["integer", "string"], "pattern": "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$"]

    static func parse(_ text: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { status(String($0)) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        return first...last
    }

    static func status(_ text: String) -> Int? {
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text).flatMap { (100...599).contains($0) ? $0 : nil }
    }
}

extension Grammar where Value == [ClosedRange<Int>] {
    static let statuses = Grammar("status or range, or a list of such", Schema.oneOrMany(StatusRange.schema)) {
        fields, key in
        fields.elements(key, most: 100) { text, node in
            guard let range = StatusRange.parse(text) else {
                fields.problems.add(at: node.position, "\"\(key)\" must be \(StatusRange.rule)")
                return nil
            }
            return range
        }
    }
}

extension Grammar where Value == [(status: Int, meaning: String)] {
    static let answers = Grammar(
        "mapping of statuses to texts", ["type": "object", "additionalProperties": ["type": "string"]]
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        return pairs.compactMap { name, position, value in
            guard let status = StatusRange.status(name) else {
                fields.problems.add(at: position, "a key of \"\(key)\" must be a status from 100 to 599")
                return nil
            }
            return YAMLFields.text(of: value, "the meaning of \(status)", fields.problems).map { (status, $0) }
        }
    }
}

extension Grammar where Value == [String] {
    /// One word or several.
    static func words(_ words: String = "text, or a list of such") -> Grammar {
        Grammar(words, Schema.oneOrMany(Schema.text())) { fields, key in
            fields.elements(key, most: 100) { text, _ in text }
        }
    }

    static let headerNames = Grammar.oneOrMany(
        "name of a header", rule: "a header's name (RFC 9110, 5.1)", most: 100
    ) { HeaderName.isValid($0) ? $0 : nil }
}

extension Grammar where Value == Set<Retry.Reason> {
    static let reasons = Grammar<[Retry.Reason]>.oneOrMany(
        "unreachable or a status", rule: "\"unreachable\" or a status from 400 to 599",
        pattern: "^(unreachable|[45][0-9]{2})$", most: 100
    ) { text in
        if text == "unreachable" { return .unreachable }
        return StatusRange.status(text).flatMap { $0 >= 400 ? .status($0) : nil }
    }.map { Set($0) }
}

extension Grammar where Value == [Step.PointedValue] {
    static let pointed = Grammar(
        "mapping of names to JSON pointers", ["type": "object", "additionalProperties": ["type": "string"]]
    ) { fields, key in
        guard let node = fields.node(key), let pairs = YAMLFields.pairs(of: node, name: "\"\(key)\"", fields.problems)
        else { return nil }
        return pairs.compactMap { name, position, value in
            guard Tag.isName(name) else {
                fields.problems.add(at: position, "a name of \"\(key)\" is no name: \(Tag.rule)")
                return nil
            }
            return LateValues.pointer(value, "\"\(name)\"", fields.problems).map {
                .init(name: name, pointer: $0, position: position)
            }
        }
    }
}

extension Grammar where Value == UInt32 {
    static let fileMode = text(
        "octal number", rule: "an octal number from 000 to 777, quoted, as in \"0640\"", pattern: "^0?[0-7]{3}$"
    ) { text in
        guard (3...4).contains(text.utf8.count) else { return nil }
        return UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
    }
}

extension Grammar {
    /// The same value, unless something about it as a whole is wrong; what, goes on behind the key.
    func checked(_ complaint: @escaping @Sendable (Value) -> String?) -> Grammar {
        let read = read
        return Grammar(words, schema, keys: keys) { fields, key in
            let before = fields.problems.problems.count
            guard let value = read(fields, key) else { return nil }
            // What lacks because it was wrong is told already.
            guard fields.problems.problems.count == before, let complaint = complaint(value) else { return value }
            fields.add(key, complaint)
            return nil
        }
    }
}
