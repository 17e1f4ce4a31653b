/// When a request is sent again.
package struct Retry: Sendable {
    /// What may be tried again: `unreachable`, or the status of an answer.
    package enum Reason: Hashable, Sendable {
        case unreachable
        case status(Int)
    }

    package var most = 3
    package var backoffSeconds = 1.0
    package var multiplier = 2.0
    package var reasons: Set<Reason> = [.unreachable, .status(429), .status(503)]
    /// Whether a request that is not idempotent is sent again although it may have been executed.
    package var isAllowedAfterSending = false

    package init() {}
}
