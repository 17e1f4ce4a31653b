package import CharonCore
import Synchronization

/// Lets one task sleep until something has happened or a time has come.
///
/// What happens in between is not lost.
package final class Wakeup: Sendable {
    private struct State {
        var isSignalled = false
        var waiter: CheckedContinuation<Void, Never>?
        var sequence: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Wakes the waiting task, or lets its next wait return at once.
    package func signal() {
        let waiter = state.withLock { state in
            state.isSignalled = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns after a signal, at `until`, or when the task is cancelled.
    ///
    /// For one task at a time.
    package func wait(until: Instant? = nil) async {
        let timer = until.map { until in
            Task {
                let seconds = max(until.seconds(since: .now()), 0)
                try? await Task.sleep(for: .seconds(min(seconds, 3600)))
                if !Task.isCancelled { signal() }
            }
        }
        defer { timer?.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumesAtOnce = state.withLock { state in
                    if state.isSignalled || Task.isCancelled {
                        state.isSignalled = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if resumesAtOnce { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }
}
