package import CharonCore

/// Single values.
extension Grammar {
    /// Text that is something by the judgement of `make`; `rule` says what, behind "must be".
    package static func text(
        _ words: String, rule: String, pattern: String? = nil, _ make: @escaping @Sendable (String) -> Value?
    )
        -> Grammar
    {
        Grammar(words, Schema.text(pattern)) { fields, key in fields.value(key, rule: rule, make) }
    }
}

extension Grammar where Value == Bool {
    /// `true` or `false`.
    package static let bool = Grammar("true or false", ["type": "boolean"]) { $0.bool($1) }
}

extension Grammar where Value == Int {
    /// A whole number of a range.
    package static func integer(_ range: ClosedRange<Int>) -> Grammar {
        let schema: JSON = [
            "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
            "maximum": .integer(Int64(range.upperBound)),
        ]
        return Grammar("number from \(range.lowerBound) to \(range.upperBound)", schema) { $0.integer($1, range) }
    }

    /// Of one processor, as in `150%`.
    static let percent = Grammar(
        "percent of a processor", ["type": "string", "pattern": "^[0-9]{1,6}%$"]
    ) { fields, key in
        fields.value(key, rule: "a whole number from 1% to 100000%, with its percent sign") { text in
            guard text.last == "%", text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(text.dropLast()).flatMap { (1...100_000).contains($0) ? $0 : nil }
        }
    }
}

extension Grammar where Value == TimeSpan {
    /// A length of time.
    package static let timeSpan = Grammar("time", Schema.timeSpan) { $0.timeSpan($1) }

    /// A time that is not 0.
    package static let timeSpanAboveZero = Grammar("time above 0", Schema.timeSpan) { fields, key in
        guard let span = fields.timeSpan(key) else { return nil }
        guard span.milliseconds > 0 else {
            fields.add(key, "must be above 0")
            return nil
        }
        return span
    }
}

extension Grammar where Value == ByteCount {
    static func byteCount(least: ByteCount, most: ByteCount? = nil) -> Grammar {
        Grammar("size", Schema.byteCount) { $0.byteCount($1, least: least, most: most) }
    }
}

extension Grammar where Value == String {
    /// An absolute path.
    package static func path(longest: Int = 4095) -> Grammar {
        Grammar("absolute path", Schema.text("^/")) { $0.path($1, longest: longest) }
    }

    /// A user or a group by name or number; whether it exists is another question.
    static func account(_ kind: String) -> Grammar {
        text("name or number of a \(kind)", rule: "the name or the number of a \(kind)", pattern: "^[^\\s:/]{1,256}$") {
            let isName =
                (1...256).contains($0.utf8.count) && !$0.hasPrefix("-")
                && $0.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != ":" && $0 != "/" }
            return isName ? $0 : nil
        }
    }

    /// The form of a zone's name, as in `Europe/Paris`.
    static let zone = text(
        "zone of tzdata", rule: "the name of a zone of tzdata, as in Europe/Paris or UTC", pattern: "^[A-Za-z0-9_+/-]+$"
    ) { text in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x5F: true
                    default: false
                    }
                }
        }
        return isName && text.utf8.count <= 255 ? text : nil
    }

    static let application = text(
        "name of an application", rule: "the name of an application of charon.yaml: \(Slug.rule)",
        pattern: Schema.slugPattern
    ) { Slug($0)?.text }
}

extension Grammar where Value: CaseIterable & RawRepresentable<String> & Sendable {
    /// One of the words of a type.
    package static var choice: Grammar {
        let names = Value.allCases.map(\.rawValue)
        return Grammar(names.joined(separator: ", "), Schema.choice(names)) { $0.choice($1) }
    }
}

extension Grammar where Value == UInt32 {
    static let umask = text(
        "octal number", rule: "an octal number from 000 to 777, as in 027", pattern: "^0?[0-7]{3}$"
    ) { text in
        guard (3...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else {
            return nil
        }
        return UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
    }
}

extension Grammar where Value == JobLimits.Limit {
    private static func limit(
        _ words: String, rule: String, _ schema: JSON, _ read: @escaping @Sendable (String) -> UInt64?
    ) -> Grammar {
        Grammar("\(words) or unlimited", schema) { fields, key in
            fields.value(key, rule: "\(rule), or \"unlimited\"") { text in
                text == "unlimited" ? .unlimited : read(text).map { .most($0) }
            }
        }
    }

    static let count = limit("number", rule: "a whole number", Schema.countLimit) { text in
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text).flatMap { $0 < 1 << 60 ? $0 : nil } : nil
    }

    static let bytes = limit("size", rule: "a size (\(ByteCount.rule))", Schema.sizeLimit) {
        ByteCount($0).map { UInt64($0.bytes) }
    }

    /// setrlimit(2) counts in whole seconds.
    static let time = limit("time", rule: "a time of at least a second (\(TimeSpan.rule))", Schema.timeLimit) { text in
        TimeSpan(text).flatMap { $0.milliseconds >= 1000 ? UInt64($0.milliseconds / 1000) : nil }
    }
}

extension Grammar where Value == Severity? {
    static let journalLevel = Grammar(
        "\(Severity.names.joined(separator: ", ")), none", Schema.choice(Severity.names + ["error", "none"])
    ) { fields, key in
        let rule = "one of \((Severity.names + ["none"]).joined(separator: ", "))"
        // Two levels of nil: no value, and the value that stands for nothing at all.
        return fields.value(key, rule: rule) { text -> Severity?? in
            text == "none" ? .some(nil) : Severity(name: text).map { .some($0) }
        }
    }
}
