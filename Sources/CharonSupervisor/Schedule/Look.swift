import CharonCore
package import CharonRuns

/// A time at which the scheduler looks at one schedule of a job; it orders a heap.
///
/// The heap keeps those of definitions that have been replaced; their generation tells them.
struct Look: Comparable, Sendable {
    /// Nanoseconds of the clock that the heap goes by: the wall clock's, or CLOCK_BOOTTIME's.
    let at: Int64
    let slug: Slug
    /// The place of the schedule among those of the job.
    let track: Int
    let generation: UInt64

    static func < (a: Look, b: Look) -> Bool { (a.at, a.slug, a.track) < (b.at, b.slug, b.track) }
}

/// A start that has been decided and waits.
package struct WaitingStart: Hashable, Sendable {
    /// What a start waits for.
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        /// Its share of `spread`.
        case spread
        /// The end of an earlier run (`overlap: queue`).
        case queue
        /// The end of the run before it, among those that are made up for (`catch_up: all`).
        case catchUp = "catch-up"
        /// The delay before the next attempt (`retries`).
        case retry
    }

    package var cause: Cause
    package var mark: JobMark
    /// When the wait is over, in nanoseconds of CLOCK_BOOTTIME; nil where an end is waited for.
    package var until: Int64?

    package init(_ cause: Cause, _ mark: JobMark, until: Int64? = nil) {
        self.cause = cause
        self.mark = mark
        self.until = until
    }
}
