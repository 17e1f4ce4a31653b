package import CharonCore
package import HTTPTypes

/// The answer to a request.
package struct Answer: Sendable {
    /// The largest body that is kept in memory, in bytes: 16 MiB.
    package static let largestBody = 16 << 20

    package let status: Int
    package let headers: HTTPFields
    /// Empty if it went to a file.
    package let body: [UInt8]
    /// Whether the body is in the file that it was to be saved to.
    package let isSaved: Bool

    package init(status: Int, headers: HTTPFields = [:], body: [UInt8] = [], isSaved: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isSaved = isSaved
    }

    /// The body as JSON; nil if it is none.
    package var json: JSON? { try? JSON.parse(body) }
}

/// Why there is no answer.
package enum TransportFailure: Error, Hashable, Sendable {
    /// The request has not reached the API: name, connection, TLS.
    case notSent(String)
    /// It was written, or part of it, and no whole answer came.
    case lost(String)
    /// Something of this host's own, or an answer that is too large.
    case call(CallFailure)
}

/// A request with what is needed to send it.
package struct Sending: Sendable {
    package let request: PreparedRequest
    /// For all of the exchange.
    package let limit: TimeSpan
    /// Where the body of a success goes, if it need not be looked at.
    package var target: SaveTarget?

    package init(_ request: PreparedRequest, limit: TimeSpan, target: SaveTarget? = nil) {
        self.request = request
        self.limit = limit
        self.target = target
    }
}

/// A file for the body of an answer.
package struct SaveTarget: Sendable {
    package let path: String
    package let mode: UInt32
    /// Bodies of other answers are no content for it.
    package let success: [ClosedRange<Int>]
}

/// What sends requests: HTTP, or a script in tests.
package protocol Transport: Sendable {
    /// Sends a request once and gives the whole answer.
    func send(_ sending: Sending) async throws(TransportFailure) -> Answer
}
