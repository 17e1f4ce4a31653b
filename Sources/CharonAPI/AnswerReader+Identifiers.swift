import CharonCore

extension AnswerReader {
    /// The id in `json`: at `pointer` if there is one, else by the reader's own rules.
    func identifier(in json: JSON, pointer: JSONPointer?, names: [String]) -> Reading<String>? {
        if let pointer {
            return pointer.resolve(in: json)?.identifier.map { Reading($0, rule: "pointer '\(pointer)'") }
        }
        if let id = json.identifier { return Reading(id, rule: "bare value") }
        for (prefix, object) in Self.places(in: json) {
            for name in names {
                guard let member = object.member(like: name), let id = member.value.identifier else { continue }
                return Reading(id, rule: "field \(prefix)\(member.name)")
            }
        }
        // For can-start the value of `data` is a state, as a bare value is.
        guard !names.contains("cronid"), let data = json.member(like: "data"), let id = data.value.identifier
        else { return nil }
        return Reading(id, rule: "field \(data.name)")
    }

    /// The object itself and the object in its member `data`, with what to write before a member's name.
    static func places(in json: JSON) -> [(prefix: String, object: JSON)] {
        guard let data = json.member(like: "data"), data.value.members != nil else { return [("", json)] }
        return [("", json), ("\(data.name).", data.value)]
    }
}

extension JSON {
    /// The member whose name is `name` without case, `_` and `-`; the last one if there are several.
    func member(like name: String) -> Member? {
        members?.last { member in
            let letters = member.name.utf8.lazy.filter { $0 != 0x5F && $0 != 0x2D }
            return letters.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }.elementsEqual(name.utf8)
        }
    }

    /// An id as text; nil for what is none.
    var identifier: String? {
        switch self {
        case .integer(let number): number > 0 ? String(number) : nil
        case .string(let text): Self.isIdentifier(text) ? text : nil
        default: nil
        }
    }

    private static func isIdentifier(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
    }

    /// Yes or no; nil if the value is neither.
    var truth: Bool? {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let number): number != 0
        case .real(let number): number != 0
        case .array(let elements): elements.isEmpty ? false : nil
        case .object(let members): members.isEmpty ? false : nil
        case .string(let text): Self.truth(of: text.lowercased())
        }
    }

    private static func truth(of word: String) -> Bool? {
        switch word {
        case "true", "yes", "on", "active", "actif": true
        case "false", "no", "off", "inactive", "inactif", "null", "": false
        default: Int64(word).map { $0 != 0 }
        }
    }
}
