/// When a request is sent again.
struct Retry: Sendable {
    /// What may be tried again: `unreachable`, or the status of an answer.
    enum Reason: Hashable, Sendable {
        case unreachable
        case status(Int)
    }

    var most = 3
    var backoffSeconds = 1.0
    var multiplier = 2.0
    var reasons: Set<Reason> = [.unreachable, .status(429), .status(503)]
    /// Whether a request that is not idempotent is sent again although it may have been executed.
    var isAllowedAfterSending = false

    init() {}
}
