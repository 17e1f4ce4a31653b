/// How many lines of one run go to the journal: so many in a window of time, then none until it is over.
///
/// Pure. journald itself takes 10,000 entries in 30 s of all that a service writes, and cron with all its jobs is one
/// service. Times are nanoseconds of a clock that is never set. Events are not counted.
package struct JournalBudget: Hashable, Sendable {
    /// The lines that go to the journal within `window`.
    package static let lines = 1000
    /// Counts from the first line that goes there, in nanoseconds.
    package static let window: Int64 = 30_000_000_000

    private var begin: Int64?
    private var count = 0
    /// How many lines are missing and nobody was told of.
    package private(set) var missing: Int64 = 0

    package init() {}

    /// Asks whether a line may go to the journal, and counts it if so.
    package mutating func take(at now: Int64) -> Bool {
        if begin.map({ now - $0 >= Self.window }) ?? true {
            begin = now
            count = 0
        }
        guard count < Self.lines else { return false }
        count += 1
        return true
    }

    /// Whether `take` says no until the window is over.
    package func isExhausted(at now: Int64) -> Bool {
        guard let begin else { return false }
        return count >= Self.lines && now - begin < Self.window
    }

    /// Counts lines that did not get there, for whatever reason.
    package mutating func miss(_ lines: Int64) { missing += lines }

    /// When to tell of the missing lines; nil if there are none.
    package var deadline: Int64? { missing == 0 ? nil : begin.map { $0 + Self.window } ?? 0 }

    /// The number of missing lines to tell of now, once; nil if there are none, or the window goes on.
    ///
    /// `isLast`: nothing comes any more, so it is time.
    package mutating func settle(at now: Int64, isLast: Bool = false) -> Int64? {
        guard let deadline, isLast || now >= deadline else { return nil }
        defer { missing = 0 }
        return missing
    }

    /// Takes back a `settle` whose news did not get through.
    package mutating func unsettle(_ lines: Int64) { missing += lines }
}
