import HTTPTypes

/// A request as it is sent.
struct PreparedRequest: Sendable {
    enum Body: Sendable, Hashable {
        case none
        case bytes([UInt8])
        case multipart([Segment])
    }

    /// A stretch of a multipart body.
    enum Segment: Sendable, Hashable {
        case bytes([UInt8])
        /// The content of a file, streamed.
        case file(path: String)
    }

    let method: HTTPRequest.Method
    var url: String
    var headers: HTTPFields
    let body: Body

    init(method: HTTPRequest.Method, url: String, headers: HTTPFields, body: Body) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether sending it twice does what sending it once does (RFC 9110, 9.2.2).
    var isIdempotent: Bool { method != .post && method != .patch }

    /// Whether it changes nothing (RFC 9110, 9.2.1).
    var isSafe: Bool { method == .get || method == .head || method == .options }

    /// The URL without its query, for lines of a log.
    var shownURL: String { String(url.prefix { $0 != "?" }) }

    /// Adds a query parameter.
    mutating func addQuery(_ name: String, _ value: String) {
        url += (url.contains("?") ? "&" : "?") + PercentEncoding.value(name) + "=" + PercentEncoding.value(value)
    }
}
