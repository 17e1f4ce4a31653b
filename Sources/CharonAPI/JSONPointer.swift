package import CharonCore

/// The name of one place in a JSON text (RFC 6901): empty for the whole, or `/` before each step.
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    package static let rule =
        "a JSON pointer (RFC 6901) is empty or begins with '/', as in /data/active; '~0' means '~' and '~1' means '/'"

    /// The pointer as it was written.
    package let description: String
    private let tokens: [String]

    /// Nil unless `text` follows the rule.
    package init?(_ text: String) {
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var token = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                guard character == "~" else {
                    token.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0": token.append("~")
                case "1": token.append("/")
                default: return nil
                }
            }
            tokens.append(token)
        }
        guard text.isEmpty || text.utf8.first == 0x2F else { return nil }
        description = text
        self.tokens = tokens
    }

    /// The value at this place of `json`; nil if there is none.
    package func resolve(in json: JSON) -> JSON? {
        var value = json
        for token in tokens {
            let next: JSON?
            if let elements = value.array {
                guard let index = Self.index(token), index < elements.count else { return nil }
                next = elements[index]
            } else {
                next = value[token]
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    private static func index(_ token: String) -> Int? {
        let isDecimal = token.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isDecimal && (token == "0" || token.utf8.first != 0x30) ? Int(token) : nil
    }
}
