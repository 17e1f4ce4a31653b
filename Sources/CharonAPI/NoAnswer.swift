package import CharonCore

/// That Charon gave no answer to the question asked, and why.
package struct NoAnswer: Error, Hashable, Sendable, CustomStringConvertible {
    /// A short text without dynamic parts, for grouping.
    package let reason: String
    /// One sentence for the operator: the request, and what came of it.
    package let detail: String
    /// What the server asked for in `Retry-After`; not capped.
    package let retryAfter: TimeSpan?
    /// Whether this speaks of the server as a whole and not of one request: what a circuit breaker counts.
    ///
    /// Every failure of the connection, 5xx, redirects, and pages or texts that Charon would not send; not 408, 429 and
    /// other 4xx, nor JSON that was not understood: there Charon is alive.
    package let isServerFault: Bool

    package init(reason: String, detail: String, retryAfter: TimeSpan? = nil, isServerFault: Bool) {
        self.reason = reason
        self.detail = detail
        self.retryAfter = retryAfter
        self.isServerFault = isServerFault
    }

    package var description: String { detail }

    /// Whether what came back was 5xx: the server failed at this request, or at all of them.
    package var isServerError: Bool { reason == Self.serverError }
    /// Whether Charon itself answered 409 (RFC 9110, 15.5.10): it has done already what is asked for, or its contrary.
    package var isConflict: Bool { reason == Self.conflict }

    private static let serverError = "server error"
    private static let conflict = "conflict"

    init(_ failure: ExchangeFailure, _ request: CharonRequest) {
        self.init(
            reason: failure.reason,
            detail: "\(request): \(failure.detail)",
            isServerFault: failure.isServerFault
        )
    }

    /// For a complete answer that answers nothing.
    init(_ response: CharonResponse, _ request: CharonRequest) {
        let isPage = !response.isCharons
        let (reason, isServerFault) =
            switch response.status {
            case 200..<300: isPage ? ("success without JSON", true) : ("answer not understood", false)
            case 300..<400: ("redirect", true)
            case 404 where isPage: ("404 that is not Charon's", true)
            case 409 where !isPage: (Self.conflict, false)
            case 408: ("request timeout", false)
            case 429: ("too many requests", false)
            case 400..<500: ("request refused", false)
            case 500..<600: (Self.serverError, true)
            default: ("no status of HTTP", true)
            }
        self.init(
            reason: reason,
            detail: "\(request) answered \(response.status) with \(response.excerpt)",
            retryAfter: response.retryAfter,
            isServerFault: isServerFault
        )
    }

    /// For a successful answer that the reader gave up on.
    init(unreadable error: CharonError, _ response: CharonResponse) {
        self.init(
            reason: response.isCharons ? "answer not understood" : "success without JSON",
            detail: error.message,
            retryAfter: response.retryAfter,
            isServerFault: !response.isCharons
        )
    }
}
