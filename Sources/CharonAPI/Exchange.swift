package import CharonCore

/// What came of one request: a complete answer, whatever it says, or none.
package enum Exchange: Hashable, Sendable {
    case response(CharonResponse)
    case failure(ExchangeFailure)
}

/// The way to one application of Charon: a base URL and a key.
package protocol CharonTransport: Sendable {
    /// Makes one attempt, without retries and redirects.
    ///
    /// `deadline` covers connection, request, head and body of the answer, and counts from the moment at which the
    /// request gets a connection slot: waiting behind other requests shows as slowness only.
    /// Goes on where its caller runs: an answer that is waited for takes no way through other threads.
    func exchange(_ request: CharonRequest, deadline: TimeSpan) async -> Exchange

    /// Where whoever makes one exchange after the other runs best, as nothing then changes threads; nil for anywhere.
    var executor: (any TaskExecutor)? { get }
}
