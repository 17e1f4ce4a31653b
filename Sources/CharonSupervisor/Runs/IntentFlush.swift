import CharonCore
import Synchronization

/// Puts intents on disk, all that were written by then at once: starts that are due together share one fdatasync(2).
final class IntentFlush: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Void, SystemError>, Never>

    private let waiters = Mutex<[Waiter]>([])
    private let intents: Intents
    private let disk: Disk

    init(_ intents: Intents, _ disk: Disk) {
        self.intents = intents
        self.disk = disk
    }

    /// Returns when what was written before this call is on disk.
    func wait() async throws(SystemError) {
        try await withCheckedContinuation { (waiter: Waiter) in
            let isFirst = waiters.withLock { waiters in
                waiters.append(waiter)
                return waiters.count == 1
            }
            // Behind what the disk's thread has to do already, which may add to it.
            if isFirst { Task { await disk.perform { flush() } } }
        }.get()
    }

    private func flush() {
        // Those that come from now on may have written after this flush: they get another.
        let taken = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        let result = Result { () throws(SystemError) in try intents.flush() }
        for waiter in taken { waiter.resume(returning: result) }
    }
}
