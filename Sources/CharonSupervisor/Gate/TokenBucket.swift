package import CharonCore

/// A budget of messages: a burst, then so many a second.
package struct TokenBucket: Hashable, Sendable {
    private let burst: Double
    private let perSecond: Double
    private var tokens: Double
    private var at: Instant

    /// A full bucket.
    package init(_ budget: (burst: Double, perSecond: Double), at now: Instant) {
        burst = budget.burst
        perSecond = budget.perSecond
        tokens = budget.burst
        at = now
    }

    /// Takes one token, or says when there will be one.
    ///
    /// A clock that was stepped back adds nothing.
    package mutating func take(at now: Instant) -> Instant? {
        tokens = count(at: now)
        at = now
        if let later = next(at: now) { return later }
        tokens -= 1
        return nil
    }

    /// When there will be a token; nil for now.
    package func next(at now: Instant) -> Instant? {
        let count = count(at: now)
        return count < 1 ? now.advanced(bySeconds: (1 - count) / perSecond) : nil
    }

    private func count(at now: Instant) -> Double { min(burst, tokens + max(now.seconds(since: at), 0) * perSecond) }
}
