import CharonCore

/// The fields of a request's JSON body, read strictly: a wrong one is refused with 400, its name and what is allowed.
///
/// Fields that no call knows are ignored.
struct Fields {
    private let object: JSON

    init(_ body: [UInt8]) throws(Refusal) {
        let value: JSON
        do {
            value = try JSON.parse(body)
        } catch {
            throw Refusal(status: 400, reason: "the body is no JSON (\(error)); it must be a JSON object")
        }
        guard case .object = value else {
            throw Refusal(status: 400, reason: "the body is \(Self.kind(value)); it must be a JSON object")
        }
        object = value
    }

    /// The string of that name.
    func string(_ name: String) throws(Refusal) -> String {
        try require(name, "a string", try optionalString(name))
    }

    /// The string of that name; nil if it is missing or null.
    func optionalString(_ name: String) throws(Refusal) -> String? {
        guard let value = object[name], value != .null else { return nil }
        let text = try require(name, "a string", value.string)
        // SQLite ends a text at its first NUL: better refused than cut.
        guard !text.utf8.contains(0) else {
            throw Refusal(status: 400, reason: "\(name) holds U+0000, which cannot be stored; remove it", field: name)
        }
        return text
    }

    /// The boolean of that name; 0, 1 and strings are none.
    func bool(_ name: String) throws(Refusal) -> Bool { try require(name, "true or false", object[name]?.bool) }

    /// The message type (`TypeMessageEnum`) of that name.
    func level(_ name: String) throws(Refusal) -> Level {
        let allowed = "one of " + Level.allCases.map(\.rawValue).joined(separator: ", ")
        return try require(name, allowed, object[name]?.string.flatMap(Level.init(rawValue:)))
    }

    private func require<Value>(_ name: String, _ allowed: String, _ value: Value?) throws(Refusal) -> Value {
        if let value { return value }
        let found = object[name].map { "is \(Self.kind($0))" } ?? "is missing"
        throw Refusal(status: 400, reason: "\(name) \(found); it must be \(allowed)", field: name)
    }

    private static func kind(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .real: "a number"
        case .string(let text): "the string \(JSON.string(String(text.prefix(40))))"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
