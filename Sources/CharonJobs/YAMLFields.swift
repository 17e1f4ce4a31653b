package import CharonCore
package import Yams

/// The keys of one mapping, each read once with its type; whatever does not fit is reported at its position.
package struct YAMLFields {
    /// What the mapping is, for messages: `application "shop"`.
    package let name: String
    /// Where the mapping begins.
    package let position: Position?
    /// Where mistakes are reported.
    package let problems: ProblemList
    /// What schedules with random parts depend on.
    var seed: UInt64 = 0
    private let entries: [String: Node]

    /// Reports keys that are not `allowed`; nil, reported too, if `node` is no mapping.
    package init?(_ node: Node, name: String, allowed: [String], _ problems: ProblemList) {
        guard let pairs = Self.pairs(of: node, name: name, problems) else { return nil }
        self.name = name
        self.problems = problems
        position = node.position
        var entries: [String: Node] = [:]
        for pair in pairs {
            if allowed.contains(pair.key) {
                entries[pair.key] = pair.value
            } else {
                let hint =
                    Spelling.nearest(to: pair.key, among: allowed).map { "did you mean \"\($0)\"?" }
                    ?? "allowed are \(allowed.joined(separator: ", "))"
                problems.add(.unknownKey, at: pair.position, "unknown key \"\(pair.key)\" in \(name): \(hint)")
            }
        }
        self.entries = entries
    }

    /// The entries of a mapping whose keys are free names, in their order; nothing at all counts as no entries.
    ///
    /// Nil, reported, if `node` is no mapping.
    package static func pairs(of node: Node, name: String, _ problems: ProblemList)
        -> [(key: String, position: Position?, value: Node)]?
    {
        if node.isNull { return [] }
        guard let mapping = node.mapping else {
            problems.add(at: node.position, "\(name) must be a mapping (\"key: value\" lines), not \(node.kind)")
            return nil
        }
        var pairs: [(key: String, position: Position?, value: Node)] = []
        for (key, value) in mapping {
            if let text = key.scalar?.string {
                pairs.append((text, key.position, value))
            } else {
                problems.add(at: key.position, "a key of \(name) must be a single value, not \(key.kind)")
            }
        }
        return pairs
    }

    /// The value of `key` as it is; nil if there is none.
    package func node(_ key: String) -> Node? { entries[key] }

    /// The position of the value of `key`, or of the mapping if it has none.
    package func position(of key: String) -> Position? { entries[key]?.position ?? position }

    /// Reports what is wrong with the value of `key`.
    package func add(_ key: String, _ message: String) { problems.add(at: position(of: key), "\"\(key)\" \(message)") }

    /// The text of `key`; nil if there is none, or, reported, if it is empty or no single value.
    package func text(_ key: String) -> String? { entries[key].flatMap { Self.text(of: $0, "\"\(key)\"", problems) } }

    /// The text of a single value; `or` names what else could stand in its place.
    package static func text(of node: Node, _ what: String, or other: String? = nil, _ problems: ProblemList) -> String?
    {
        guard let scalar = node.scalar, !scalar.string.isEmpty, !node.isNull else {
            let found = node.scalar == nil ? "not \(node.kind)" : "it is empty"
            let due = ["a single value", other].compactMap(\.self).joined(separator: " or ")
            problems.add(at: node.position, "\(what) must be \(due): \(found)")
            return nil
        }
        return scalar.string
    }

    /// The value that `make` finds in the text of `key`.
    ///
    /// Nil if there is none, or, reported with `rule`, if `make` finds none.
    package func value<Value>(_ key: String, rule: String, _ make: (String) -> Value?) -> Value? {
        guard let text = text(key) else { return nil }
        guard let value = make(text) else {
            add(key, "must be \(rule)")
            return nil
        }
        return value
    }

    /// What `make` finds in the text of each element of a list, or in the one value in its place.
    ///
    /// Nil if there is no value, or if any is wrong; `make` reports what it does not take. An empty list and more than
    /// `most` elements are wrong.
    package func elements<Element>(_ key: String, most: Int, _ make: (String, Node) -> Element?) -> [Element]? {
        guard let node = entries[key] else { return nil }
        guard let sequence = node.sequence else {
            return Self.text(of: node, "\"\(key)\"", or: "a list", problems).flatMap { make($0, node) }.map {
                [$0]
            }
        }
        guard (1...most).contains(sequence.count) else {
            add(key, sequence.isEmpty ? "is an empty list: leave it out" : "must have at most \(most) elements")
            return nil
        }
        var elements: [Element] = []
        for element in sequence {
            guard let text = Self.text(of: element, "an element of \"\(key)\"", problems) else { continue }
            make(text, element).map { elements.append($0) }
        }
        return elements.count == sequence.count ? elements : nil
    }

    /// A truth value, reported if it is none.
    package func bool(_ key: String) -> Bool? {
        value(key, rule: "true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    /// A whole number of a range, reported if it is none.
    package func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        value(key, rule: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            let digits = range.lowerBound < 0 && text.hasPrefix("-") ? text.dropFirst() : text[...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// One of the words of a type, reported if it is none.
    package func choice<Choice: CaseIterable & RawRepresentable>(_ key: String, of: Choice.Type = Choice.self)
        -> Choice?
    where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue)
        return value(key, rule: "one of \(names.joined(separator: ", "))", Choice.init(rawValue:))
    }

    /// A length of time, reported if it is none.
    package func timeSpan(_ key: String) -> TimeSpan? {
        guard let text = text(key) else { return nil }
        guard let span = TimeSpan(text) else {
            add(key, "is no time: \(TimeSpan.rule)")
            return nil
        }
        return span
    }

    /// A size within bounds, reported if it is none.
    package func byteCount(_ key: String, least: ByteCount, most: ByteCount? = nil) -> ByteCount? {
        guard let text = text(key) else { return nil }
        guard let size = ByteCount(text) else {
            add(key, "is no size: \(ByteCount.rule)")
            return nil
        }
        guard size >= least, most.map({ size <= $0 }) ?? true else {
            add(key, "must be at least \(least)" + (most.map { ", and at most \($0)" } ?? ""))
            return nil
        }
        return size
    }

    /// An absolute path of at most `longest` bytes.
    package func path(_ key: String, longest: Int = 4095) -> String? {
        value(key, rule: "an absolute path, as in /etc/charon/key, of at most \(longest) bytes") { text in
            text.utf8.first == 0x2F && text.utf8.count <= longest && !text.utf8.contains(0) ? text : nil
        }
    }
}
