/// What happens when Charon gives no answer (`--when-unreachable`).
package enum WhenUnreachable: String, Hashable, Sendable, CaseIterable {
    /// Charon's last answer for the slug if it is younger than seven days; without one: run.
    case last
    case run
    case skip
}

/// What happens when Charon does not know the cron.
package enum WhenUnregistered: String, Hashable, Sendable, CaseIterable {
    case run, skip
}

/// What happens to a start that was written and got no answer.
package enum WhenUncertain: String, Hashable, Sendable, CaseIterable {
    /// Delivery starts again; the first message says that there may be a second execution.
    case again
    /// Nothing more is reported of the run, so that no second execution can exist.
    case never
}

/// What happens when an earlier run of the slug is still going on (`--overlap`).
package enum Overlap: String, Hashable, Sendable, CaseIterable {
    /// Both run, as with cron.
    case allow
    /// The later one is skipped.
    case skip
    /// The later one waits for the earlier ones.
    case wait
}

/// The policies of one run.
package struct Policies: Hashable, Sendable {
    package var whenUnreachable = WhenUnreachable.last
    package var whenUnregistered = WhenUnregistered.run
    package var whenUncertain = WhenUncertain.again
    package var overlap = Overlap.allow
    package var successCodes = SuccessCodes.zero

    package init() {}
}
