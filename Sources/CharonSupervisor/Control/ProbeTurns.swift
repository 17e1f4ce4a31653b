import Synchronization

/// Lets each user probe one cron at a time: a probe goes past the breaker and takes a connection that gates need.
final class ProbeTurns: Sendable {
    private let users = Mutex<Set<UInt32>>([])

    /// False if the user has a probe under way; otherwise `leave` must follow.
    func enter(_ uid: UInt32) -> Bool { users.withLock { $0.insert(uid).inserted } }

    func leave(_ uid: UInt32) { _ = users.withLock { $0.remove(uid) } }
}
