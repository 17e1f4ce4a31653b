package import CharonCore

/// Whether an application of Charon counts as reachable: a pure circuit breaker with one probe at a time.
///
/// Its times are those of a clock that is never set.
package struct Breaker: Hashable, Sendable {
    private enum State: Hashable {
        case closed(failures: Int)
        case open(attempt: Int, until: Instant)
        case probing(attempt: Int)
    }

    /// The answer to a caller who wants to make a request.
    package enum Permit: Hashable, Sendable {
        case allowed
        /// Nothing goes out before this time.
        case refused(until: Instant)
    }

    private var state = State.closed(failures: 0)

    package init() {}

    /// One that is open, as an earlier daemon left it after so many probes.
    init(openUntil until: Instant, attempt: Int) { state = .open(attempt: attempt, until: until) }

    /// The probes that failed, and when the next may go out; nil while it is closed.
    func outage(at now: Instant) -> (attempt: Int, until: Instant)? {
        switch state {
        case .closed: nil
        case .open(let attempt, let until): (attempt, until)
        case .probing(let attempt): (attempt, now)
        }
    }

    /// Whether requests flow freely.
    package var isClosed: Bool { if case .closed = state { true } else { false } }

    /// What an operator is told of a breaker.
    package enum Condition: Hashable, Sendable {
        /// Requests flow.
        case closed
        /// Nothing goes out before this time; then one request does.
        case open(until: Instant)
        /// The one request that decides is under way.
        case probing
    }

    package var condition: Condition {
        switch state {
        case .closed: .closed
        case .open(_, let until): .open(until: until)
        case .probing: .probing
        }
    }

    /// When a request may go out; nil for now.
    package func opens(at now: Instant) -> Instant? {
        switch state {
        case .closed: nil
        case .open(_, let until): now >= until ? nil : until
        case .probing: now.advanced(bySeconds: 1)
        }
    }

    /// Asks for a request.
    ///
    /// An allowed one must be followed by `succeeded` or `failed`.
    package mutating func permit(at now: Instant) -> Permit {
        if let until = opens(at: now) { return .refused(until: until) }
        if case .open(let attempt, _) = state { state = .probing(attempt: attempt) }
        return .allowed
    }

    /// Lets the next request out at once, whose answer decides.
    package mutating func goOn(at now: Instant) {
        if case .open(let attempt, _) = state { state = .open(attempt: attempt, until: now) }
    }

    /// Charon answered, whatever it said.
    package mutating func succeeded() { state = .closed(failures: 0) }

    /// A fault of the server or of the way to it; `random` from 0 to 1 is the jitter.
    package mutating func failed(at now: Instant, random: Double) {
        switch state {
        case .closed(let failures):
            state =
                failures + 1 < Timing.breakerFailures
                ? .closed(failures: failures + 1) : .open(attempt: 0, until: Self.pause(0, random, from: now))
        case .probing(let attempt):
            state = .open(attempt: attempt + 1, until: Self.pause(attempt + 1, random, from: now))
        // A request that was already under way when the breaker opened says nothing new.
        case .open: break
        }
    }

    /// An allowed request was not made after all, or its failure says nothing of the server.
    package mutating func abandoned(at now: Instant) {
        if case .probing(let attempt) = state { state = .open(attempt: attempt, until: now) }
    }

    private static func pause(_ attempt: Int, _ random: Double, from now: Instant) -> Instant {
        // Never at once: an open breaker is a promise to leave the server alone.
        now.advanced(bySeconds: 0.25 + Backoff.seconds(attempt: attempt, random: random))
    }
}

/// Exponential back-off with full jitter.
package enum Backoff {
    /// The seconds to wait before attempt number `attempt` + 1, with `random` from 0 to 1.
    package static func seconds(attempt: Int, random: Double) -> Double {
        let limit = Timing.backoff.first.seconds * Double(1 << min(max(attempt, 0), 20))
        return min(limit, Timing.backoff.most.seconds) * random
    }
}
