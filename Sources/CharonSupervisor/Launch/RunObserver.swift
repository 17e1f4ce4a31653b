package import CharonCore
package import CharonRuns

/// Who is told of the runs of a daemon: the scheduler.
package protocol RunObserver: Sendable {
    /// A run has begun that was not decided by the observer.
    func began(_ run: RunID, of slug: Slug)

    /// A run's command has ended, or the run is not to be after all.
    ///
    /// Nothing follows one that had ended before this daemon was there: `isNew` tells.
    func ended(_ request: RunRequest, _ outcome: RunOutcome?, isNew: Bool)
}
