import CharonCore
import Foundation

extension StubServer.Request {
    /// A request that no network has seen, for the tests of the doubles themselves.
    init(_ method: String, _ path: String, _ headers: KeyValuePairs<String, String> = [:], body: String = "") {
        self.init(
            method: method, path: path, fields: headers.map { (name: $0.key.lowercased(), value: $0.value) },
            bytes: Array(body.utf8))
    }

    /// The path without the query.
    var route: String { String(path.prefix { $0 != "?" }) }

    /// The names and values behind the question mark.
    func query() throws -> [(name: String, value: String)] {
        guard let mark = path.firstIndex(of: "?") else { return [] }
        return try Self.pairs(path[path.index(after: mark)...], "&")
    }

    /// A header that may stand there once.
    func header(_ name: String) throws -> String? {
        let found = fields.filter { $0.name == name.lowercased() }
        try demand(found.count < 2, "\(name) is there twice")
        return found.first?.value
    }

    /// The media type of the body, without parameters, in lower case.
    func contentType() throws -> String? { try header("Content-Type").map(Self.mediaType) }

    /// Whether the client says that it takes this media type.
    func accepts(_ type: String) throws -> Bool {
        try header("Accept")?.split(separator: ",").contains { Self.mediaType(String($0)) == type } == true
    }

    private static func mediaType(_ text: String) -> String {
        text.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    }

    /// The user and password of HTTP Basic authentication (RFC 7617); nil if there is none.
    func basic() throws -> (user: String, password: String)? {
        guard let value = try header("Authorization"), value.hasPrefix("Basic ") else { return nil }
        let decoded = Data(base64Encoded: String(value.dropFirst("Basic ".count)))
        guard let text = decoded.flatMap({ String(bytes: $0, encoding: .utf8) }), let colon = text.firstIndex(of: ":")
        else { throw Refusal(401, "Basic stands before something that is no base64 of user:password") }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// The fields of a body in the form of a query (`application/x-www-form-urlencoded`).
    func form() throws -> [(name: String, value: String)] {
        try demand(try contentType() == "application/x-www-form-urlencoded", 415, "the body is not a form by its type")
        return try Self.pairs(body[...], "&")
    }

    /// Splits `a=1&b=2` and decodes both sides.
    static func pairs(_ text: Substring, _ separator: Character) throws -> [(name: String, value: String)] {
        try text.split(separator: separator).map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try demand(sides.count == 2 && !sides[0].isEmpty, "no name=value: \(pair)")
            return (try decoded(sides[0]), try decoded(sides[1]))
        }
    }

    /// Decodes percent-encoding as form decoders do, for whom `+` is a space.
    static func decoded(_ text: Substring) throws -> String {
        try decoded(text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%20"))
    }

    /// Decodes percent-encoding; what RFC 3986 does not allow in a path or query has to be encoded.
    static func decoded(_ text: String) throws -> String {
        let allowed = text.utf8.allSatisfy { "!$&'()*+,-./:;=?@_~%".utf8.contains($0) || isAlphanumeric($0) }
        guard allowed, let decoded = text.removingPercentEncoding else { throw Refusal(400, "badly encoded: \(text)") }
        return decoded
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension StubServer.Answer {
    /// An answer with a JSON body.
    static func json(_ status: Int, _ body: JSON, _ headers: KeyValuePairs<String, String> = [:], type: String? = nil)
        -> Self
    {
        .reply(status, body.description, type: type ?? "application/json", headers)
    }

    static func reply(_ status: Int, _ body: String, type: String, _ headers: KeyValuePairs<String, String> = [:])
        -> Self
    {
        let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        return .reply(status, body, headers: "Content-Type: \(type)\r\n\(lines)")
    }

    /// The status; 0 for a connection that is closed.
    var status: Int { if case .reply(let status, _, _) = self { status } else { 0 } }
    var text: String { if case .reply(_, let text, _) = self { text } else { "" } }
    var head: String { if case .reply(_, _, let headers) = self { headers } else { "" } }
    var json: JSON { (try? JSON.parse(text.utf8)) ?? .null }
}
