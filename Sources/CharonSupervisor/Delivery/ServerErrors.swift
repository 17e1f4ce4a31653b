import CharonAPI
import CharonCore

/// Counts the server errors of one message or end, to tell what Charon cannot take from a Charon that is out of order.
///
/// Five of them over ten minutes make it suspect. What settles it is whether Charon takes something else in its place: a
/// placeholder, or an end without its message. If it does, it was the text; if it does not, all is tried again, and
/// nothing of an outage is lost, however long and however partial it is.
struct ServerErrors: Hashable, Sendable {
    private var first: Instant?
    private var count = 0
    /// What the last one said, for the operator.
    private(set) var reason = ""
    /// Whether the next attempt is the substitute's.
    private(set) var isSubstituteDue = false

    /// Counts `answer` if it is a server error; `now` is by a clock that is never set.
    mutating func add(_ answer: NoAnswer, at now: Instant) {
        guard answer.isServerError else { return }
        let first = first ?? now
        self.first = first
        count += 1
        reason = answer.detail
        isSubstituteDue =
            count >= Timing.poison.errors && now.seconds(since: first) >= Timing.poison.patience.seconds
    }
}
