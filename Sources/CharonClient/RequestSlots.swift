import Synchronization

/// The requests that may be under way at once on one connection pool.
///
/// In front of the pool, because time spent in its own queue would count against a request's deadline.
final class RequestSlots: Sendable {
    typealias Queue = SlotQueue<CheckedContinuation<Bool, Never>>

    private let queue: Mutex<Queue>

    init(count: Int) { queue = Mutex(Queue(count: count)) }

    /// Waits for a slot, which the caller gives back by `release()`; false if cancelled or closed before there was one.
    func acquire(_ urgency: Queue.Urgency) async -> Bool {
        if queue.withLock({ $0.take(urgency) }) { return true }
        let ticket = queue.withLock { $0.ticket() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = queue.withLock { queue in
                    // The flag is set before the handler below runs, so one of the two sees the other.
                    if Task.isCancelled || queue.isClosed { return false }
                    if queue.take(urgency) { return true }
                    queue.wait(ticket, urgency, continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            queue.withLock { $0.withdraw(ticket, urgency) }?.resume(returning: false)
        }
    }

    func release() { queue.withLock { $0.release() }?.resume(returning: true) }

    func close() {
        for waiter in queue.withLock({ $0.close() }) { waiter.resume(returning: false) }
    }
}
