import CharonCore
package import CharonSchedule

/// What counts for all jobs of a host, besides their files.
package struct JobTerms: Sendable {
    /// `defaults` of `charon.yaml`.
    package var defaults = JobDraft()
    /// A job must say whose it is, as in the host's daemon; in a private one all jobs are its user's.
    package var requiresUser = true
    /// What tells this host from others, its machine-id(5): what is random in schedules depends on it and the slug.
    package var host = ""
    /// Where the zones are.
    package var zones = ZoneStore()

    /// Without defaults.
    package init() {}

    func seed(of slug: Slug) -> UInt64 { Seed.of(host, slug.text) }
}
