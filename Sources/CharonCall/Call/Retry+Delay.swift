import CharonCore
import Glibc

extension Retry {
    /// Why there is no usable answer.
    enum Trouble: Hashable, Sendable {
        /// The request has not reached the API.
        case notSent
        /// It was written, or part of it, and its answer did not come.
        case lost
        /// An answer with a status, and the time that it asks for (RFC 9110, 10.2.3).
        case status(Int, retryAfter: TimeSpan?)
    }

    /// No delay of its own is longer.
    static let longestDelay = TimeSpan.seconds(3600)

    /// How long to wait before a request is sent again; nil if it is not.
    ///
    /// `attempt` counts from 0. A request that is not idempotent is not sent again once it may have been executed: only
    /// what never arrived, and 429, which says that nothing was done, are safe.
    func delay(after trouble: Trouble, isIdempotent: Bool, attempt: Int) -> TimeSpan? {
        guard attempt < most, reasons.contains(trouble.reason) else { return nil }
        guard isIdempotent || isAllowedAfterSending || trouble.isHarmless else { return nil }
        let seconds = min(backoffSeconds * pow(multiplier, Double(attempt)), Self.longestDelay.seconds)
        let own = TimeSpan(milliseconds: Int64(seconds * 1000))
        guard case .status(_, let asked?) = trouble else { return own }
        return max(own, asked)
    }
}

extension Retry.Trouble {
    fileprivate var reason: Retry.Reason {
        switch self {
        case .notSent, .lost: .unreachable
        case .status(let status, _): .status(status)
        }
    }

    /// Whether nothing can have been executed.
    fileprivate var isHarmless: Bool {
        switch self {
        case .notSent, .status(429, _): true
        case .lost, .status: false
        }
    }
}
