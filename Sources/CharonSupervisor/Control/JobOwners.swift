package import CharonCore
package import CharonJobs
import Synchronization

/// Whose the slugs of job files are: the uid of each job's user.
package final class JobOwners: Sendable {
    private let users = Mutex<[Slug: UInt32]>([:])

    package init() {}

    /// The uid of the job's user; nil if there is no such job, or no such user.
    package subscript(_ slug: Slug) -> UInt32? { users.withLock { $0[slug] } }

    /// Looks up the users of these jobs, which count from now on.
    ///
    /// It may wait for a directory's server.
    package func replace(_ jobs: [Job], _ accounts: Accounts, own: UInt32) {
        var found: [Slug: UInt32] = [:]
        for job in jobs { found[job.slug] = job.user.map { accounts.account($0)?.uid } ?? own }
        users.withLock { $0 = found }
    }
}
