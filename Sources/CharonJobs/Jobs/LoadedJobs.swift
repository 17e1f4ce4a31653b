package import CharonCore

/// The jobs of a host's files, and what is wrong with those that are not among them.
package struct LoadedJobs: Sendable {
    /// The good ones, in the order of their slugs.
    package var jobs: [Job] = []
    /// Everything that is wrong, in the order of files and positions.
    package var problems: [SettingsError.Problem] = []
    /// Files that are left out and may be meant as job files.
    package var notices: [SettingsError.Problem] = []

    /// The slugs of definitions that are refused, each with what is wrong first.
    package var refused: [Slug: SettingsError.Problem] = [:]
    /// Files and directories that could not be read, or of which nothing could be made.
    package var unread: Set<String> = []

    /// No jobs.
    package init() {}

    /// The job of a slug.
    package subscript(_ slug: Slug) -> Job? {
        var low = 0
        var high = jobs.count
        while low < high {
            let middle = (low + high) / 2
            if jobs[middle].slug == slug { return jobs[middle] }
            if jobs[middle].slug < slug { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}
