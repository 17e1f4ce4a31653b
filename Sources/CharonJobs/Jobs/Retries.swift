package import CharonCore

/// `retries`: how often and when a failed run is followed by another attempt, each a run of its own.
package struct Retries: Hashable, Sendable {
    /// The most attempts after the first; 0 for none.
    package var count = 0
    /// `delay`: before the first retry.
    package var delay = TimeSpan.seconds(10)
    /// `multiplier`: each further delay is so many times the one before it.
    package var multiplier = 2
    /// `max_delay`: no delay is longer.
    package var maxDelay = TimeSpan.seconds(3_600)

    /// No retries.
    package init() {}

    /// The delay before retry `number`, counted from 1.
    package func delay(before number: Int) -> TimeSpan {
        var milliseconds = min(delay.milliseconds, maxDelay.milliseconds)
        for _ in 1..<max(number, 1) where milliseconds < maxDelay.milliseconds {
            let (product, isOverflow) = milliseconds.multipliedReportingOverflow(by: Int64(multiplier))
            milliseconds = isOverflow ? maxDelay.milliseconds : min(product, maxDelay.milliseconds)
            if multiplier == 1 { break }
        }
        return TimeSpan(milliseconds: milliseconds)
    }
}
