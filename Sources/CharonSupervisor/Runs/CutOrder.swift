import Synchronization

/// What the disk budget has a follower do before its next step.
final class CutOrder: Sendable {
    private let kept = Mutex<Int64?>(nil)

    /// So many bytes of undelivered output are to stay; of several orders the strictest counts.
    func give(keeping bytes: Int64) { kept.withLock { $0 = min($0 ?? .max, bytes) } }

    /// The order, which is then done with; nil for none.
    func take() -> Int64? {
        kept.withLock { kept in
            defer { kept = nil }
            return kept
        }
    }
}
