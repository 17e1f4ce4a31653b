/// What a due time does while an earlier run of the job goes on (`overlap`).
package enum JobOverlap: String, Hashable, Sendable, CaseIterable {
    /// It is skipped.
    case skip
    /// It waits for the earlier run; one waits at most, and further ones are skipped.
    case queue
    /// Both run, as with cron.
    case allow
}
