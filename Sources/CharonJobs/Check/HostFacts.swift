package import CharonCore
package import CharonSchedule

/// What `Check` asks of a host; every look-up is a parameter, so that the findings are a pure function.
package struct HostFacts: Sendable {
    /// The account of a user by name or number; nil if there is none.
    package var account: @Sendable (String) -> Account?
    /// The number of a group by name or number; nil if there is none.
    package var group: @Sendable (String) -> UInt32?
    /// What is at a path, behind links; nil if there is nothing.
    package var file: @Sendable (String) -> FileFacts?
    /// The first bytes of a file, at most so many; nil if it cannot be read.
    package var head: @Sendable (String, Int) -> [UInt8]?
    /// The crontab lines that wrap a command in charon-run.
    package var wrapped: [WrappedLine]
    /// How long the runs of a slug usually take; nil if too few are known.
    package var usualDuration: @Sendable (Slug) -> TimeSpan?
    /// The names of the applications; nil if charon.yaml cannot be read.
    package var applications: Set<String>?
    /// The zone of the host.
    package var zone: Zone
    /// Where the other zones are.
    package var zones: ZoneStore
    /// Now.
    package var now: Instant

    /// A host that has nothing.
    package init(zone: Zone = .utc, zones: ZoneStore = ZoneStore(), now: Instant) {
        account = { _ in nil }
        group = { _ in nil }
        file = { _ in nil }
        head = { _, _ in nil }
        wrapped = []
        usualDuration = { _ in nil }
        applications = nil
        self.zone = zone
        self.zones = zones
        self.now = now
    }
}
