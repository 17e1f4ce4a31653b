package import CharonCore

/// One complete HTTP answer.
package struct CharonResponse: Hashable, Sendable {
    /// The most bytes of a body that are kept.
    package static let bodyLimit = 64 << 10

    package let status: Int
    /// The header `Content-Type` as it came.
    package let contentType: String?
    /// The header `Retry-After`, as a time from the answer on; not capped.
    package let retryAfter: TimeSpan?
    /// At most `bodyLimit` bytes; the body of an error page may be cut there.
    package let body: [UInt8]

    package init(status: Int, contentType: String? = nil, retryAfter: TimeSpan? = nil, body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.retryAfter = retryAfter
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// What a body is, judged by its bytes first: PHP labels JSON `text/html` unless it is told otherwise.
    package enum Form: Hashable, Sendable {
        /// Nothing, or white space.
        case empty
        case json(JSON)
        /// A page of a proxy or a framework: it begins with `<`, or is called HTML and is no JSON.
        case html
        case other
    }

    package var form: Form {
        var text = body[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        text = text.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = text.first else { return .empty }
        if first == 0x3C { return .html }
        if let json = try? JSON.parse(text) { return .json(json) }
        return contentType?.lowercased().contains("html") == true ? .html : .other
    }

    /// Whether the body is one that Charon itself may send: JSON, or nothing.
    var isCharons: Bool {
        switch form {
        case .empty, .json: true
        case .html, .other: false
        }
    }

    /// The first bytes of the body, escaped so that they are safe on a terminal and in a log line.
    package var excerpt: String {
        if body.isEmpty { return "an empty body" }
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\"", "\\": escaped += "\\\(scalar)"
            case " "..."~": escaped.unicodeScalars.append(scalar)
            case "\u{A1}"... where Self.isVisible(scalar): escaped.unicodeScalars.append(scalar)
            default: escaped += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return "\"\(escaped)\"" + (body.count > 200 ? "…" : "")
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
