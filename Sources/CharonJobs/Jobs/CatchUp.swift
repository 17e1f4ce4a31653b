package import CharonCore

/// `catch_up`: what happens with due times at which the daemon was away or the machine slept.
package struct CatchUp: Hashable, Sendable {
    /// Which of the missed times are made up for.
    package enum Missed: String, Hashable, Sendable, CaseIterable {
        /// None: the next due time counts.
        case none
        /// One run for all of them.
        case once
        /// One run for each of them, one after the other.
        case all
    }

    /// `missed`: which times.
    package var missed = Missed.none
    /// `look_back`: times longer ago than this are forgotten.
    package var lookBack = TimeSpan.seconds(86_400)

    /// Nothing is made up for.
    package init() {}
}
