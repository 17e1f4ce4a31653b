package import CharonCore

/// A budget of messages: a burst, then so many a second.
package struct TokenBucket: Hashable, Sendable {
    /// How many tokens a bucket holds at most, and how many it gets a second.
    package struct Rate: Hashable, Sendable {
        /// At least 1.
        package var burst: Double
        /// More than 0.
        package var perSecond: Double

        package init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }

        /// What callers who can wait leave in the bucket: a share of the burst, and always less than a full bucket.
        package var reserve: Double { min(burst * Timing.reserveShare, burst - 1) }
    }

    private let rate: Rate
    private var tokens: Double
    private var at: Instant

    /// A full bucket.
    package init(_ rate: Rate, at now: Instant) {
        self.rate = rate
        tokens = rate.burst
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
        return missing > 0 ? now.advanced(bySeconds: missing / rate.perSecond) : nil
    }

    private func count(at now: Instant) -> Double {
        min(rate.burst, tokens + max(now.seconds(since: at), 0) * rate.perSecond)
    }
}
