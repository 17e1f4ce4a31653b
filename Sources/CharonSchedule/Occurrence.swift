package import CharonCore

/// One run that is due: when, and the times of the schedule that it stands for.
package struct Occurrence: Hashable, Sendable {
    /// When to run.
    package let instant: Instant
    /// The local times that the schedule names, ascending: one, but where the clock jumped those that fall together.
    package let nominal: [LocalTime]

    package init(instant: Instant, nominal: [LocalTime]) {
        self.instant = instant
        self.nominal = nominal
    }
}
