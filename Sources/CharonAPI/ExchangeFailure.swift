/// Why a request has no complete answer.
package struct ExchangeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, stable across releases.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case refused = "connection refused"
        case unreachable = "host unreachable"
        case nameResolution = "name not resolved"
        case tls = "TLS failed"
        case timeout = "no answer in time"
        /// The connection was closed or reset before the answer was complete.
        case reset = "connection lost"
        case bodyTooLarge = "answer too large"
        /// What came back is no HTTP.
        case malformed = "answer malformed"
        /// The caller gave up, or the client was shut down.
        case cancelled = "cancelled"
        /// This host could not make the request: no descriptors, no memory, a bad value.
        case local = "request not possible"
    }

    package let kind: Kind
    /// Whether the request may have reached the server.
    package let written: Bool
    /// One clause for the operator, without header values.
    package let detail: String

    package init(_ kind: Kind, written: Bool, detail: String) {
        self.kind = kind
        self.written = written
        self.detail = detail
    }

    /// A short text without dynamic parts, for grouping.
    package var reason: String { kind.rawValue }

    /// Whether the failure speaks of the server or the way to it, not of this process.
    package var isServerFault: Bool { kind != .cancelled && kind != .local }

    package var description: String { detail }
}
