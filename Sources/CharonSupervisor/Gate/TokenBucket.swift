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

    /// Takes one token if `reserve` of them are left then, or says when there will be so many.
    ///
    /// The reserve is for callers who leave none: they do not wait behind the others. A clock that was stepped back
    /// adds nothing.
    package mutating func take(at now: Instant, leaving reserve: Double = 0) -> Instant? {
        tokens = count(at: now)
        at = now
        if let later = next(at: now, leaving: reserve) { return later }
        tokens -= 1
        return nil
    }

    /// When there will be a token and `reserve` more; nil for now.
    package func next(at now: Instant, leaving reserve: Double = 0) -> Instant? {
        let missing = 1 + reserve - count(at: now)
        return missing > 0 ? now.advanced(bySeconds: missing / perSecond) : nil
    }

    private func count(at now: Instant) -> Double { min(burst, tokens + max(now.seconds(since: at), 0) * perSecond) }
}
