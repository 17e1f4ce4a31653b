import CharonCore
import HTTPTypes

/// The answer to a request.
struct Answer: Sendable {
    /// The largest body that is kept in memory, in bytes: 16 MiB.
    static let largestBody = 16 << 20

    let status: Int
    let headers: HTTPFields
    /// Empty if it went to a file.
    let body: [UInt8]
    /// Whether the body is in the file that it was to be saved to.
    let isSaved: Bool

    init(status: Int, headers: HTTPFields = [:], body: [UInt8] = [], isSaved: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isSaved = isSaved
    }

    /// The body as JSON; nil if it is none.
    var json: JSON? { try? JSON.parse(body) }
}

/// Why there is no answer.
enum TransportFailure: Error, Hashable, Sendable {
    /// The request has not reached the API: name, connection, TLS.
    case notSent(String)
    /// It was written, or part of it, and no whole answer came.
    case lost(String)
    /// Something of this host's own, or an answer that is too large.
    case call(CallFailure)
}

/// A request with what is needed to send it.
struct Sending: Sendable {
    let request: PreparedRequest
    /// For all of the exchange.
    let limit: TimeSpan
    /// Where the body of a success goes, if it need not be looked at.
    var target: SaveTarget?

    init(_ request: PreparedRequest, limit: TimeSpan, target: SaveTarget? = nil) {
        self.request = request
        self.limit = limit
        self.target = target
    }
}

/// A file for the body of an answer.
struct SaveTarget: Sendable {
    let path: String
    let mode: UInt32
    /// Bodies of other answers are no content for it.
    let success: [ClosedRange<Int>]
}

/// What sends requests: HTTP, or a script in tests.
protocol Transport: Sendable {
    /// Sends a request once and gives the whole answer.
    func send(_ sending: Sending) async throws(TransportFailure) -> Answer
}
