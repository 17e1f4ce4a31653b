import CharonCore

/// How a dialect writes the server's numbers as ids; each form can be read back.
enum IdentifierForm: Hashable, Sendable {
    /// What an id belongs to.
    enum Subject: String {
        case cron, execution, message
    }

    /// `17`
    case number
    /// `"17"`
    case digits
    /// `"b3c4a20e-0000-8000-8000-000000000011"`: a UUID of version 8 (RFC 9562) that holds the number in hexadecimal.
    case uuid
    /// `"executions/17"`: a relative reference, whose slash has to be percent-encoded in a path.
    case reference

    /// The id of a subject as it stands in an answer.
    func json(_ number: Int64, of subject: Subject) -> JSON {
        switch self {
        case .number: .integer(number)
        case .digits: .string(String(number))
        case .uuid: .string(Self.uuid(number))
        case .reference: .string("\(subject.rawValue)s/\(number)")
        }
    }

    /// The digits behind an id that `json` handed out; any other text, such as a slug, as it is.
    func digits(_ id: String, of subject: Subject) -> String {
        switch self {
        case .number, .digits: return id
        case .uuid:
            let groups = id.split(separator: "-", omittingEmptySubsequences: false)
            guard groups.count == 5, let number = Int64(groups[1] + groups[4], radix: 16), Self.uuid(number) == id
            else { return id }
            return String(number)
        case .reference:
            let prefix = "\(subject.rawValue)s/"
            return id.hasPrefix(prefix) ? String(id.dropFirst(prefix.count)) : id
        }
    }

    private static func uuid(_ number: Int64) -> String {
        let digits = String(number, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        return "b3c4a20e-\(padded.prefix(4))-8000-8000-\(padded.suffix(12))"
    }
}
