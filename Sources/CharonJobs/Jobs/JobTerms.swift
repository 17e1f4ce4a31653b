package import CharonCore

/// What counts for all jobs of a host, besides their files.
package struct JobTerms: Sendable {
    /// `defaults` of `charon.yaml`.
    package var defaults = JobDraft()
    /// A job must say whose it is, as in the host's daemon; in a private one all jobs are its user's.
    package var requiresUser = true
    /// What is random in schedules is the same for a slug as long as this number is.
    package var hostSeed: UInt64 = 0
    /// Why there is no zone of that name; nil if there is one.
    package var zone: @Sendable (String) -> String? = { _ in nil }

    /// Without defaults; every zone that has the form of one is taken.
    package init() {}

    /// The number that decides what is random in the schedules of a job: FNV-1a of its slug, on top of the host's.
    package func seed(of slug: Slug) -> UInt64 {
        slug.text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ hostSeed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
