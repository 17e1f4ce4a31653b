package import CharonCore
import Synchronization

/// Lets one task sleep until something has happened or a time has come.
///
/// What happens in between is not lost.
package final class Wakeup: Sendable {
    private struct State {
        var isSignalled = false
        var waiter: CheckedContinuation<Bool, Never>?
        /// Tells a timer that comes late from that of the present wait.
        var waits: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether the next wait returns at once.
    package var isSignalled: Bool { state.withLock(\.isSignalled) }

    /// Wakes the waiting task, or lets its next wait return at once.
    package func signal() {
        let waiter = state.withLock { state in
            state.isSignalled = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: true)
    }

    /// Returns true after a signal or when the task is cancelled, false at `until` by `SteadyClock`.
    ///
    /// For one task at a time.
    @discardableResult
    package func wait(until: Instant? = nil) async -> Bool {
        let number = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        let timer = until.map { expire(number, at: $0) }
        defer { timer?() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Bool? = state.withLock { state in
                    if state.isSignalled || Task.isCancelled {
                        state.isSignalled = false
                        return true
                    }
                    // The timer may have been faster.
                    guard state.waits == number else { return false }
                    state.waiter = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            signal()
        }
    }

    private func expire(_ number: UInt64) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waits == number else { return nil }
            state.waits += 1
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: false)
    }

    /// Has the wait with this number end at `time`; what is returned takes that back.
    private func expire(_ number: UInt64, at time: Instant) -> @Sendable () -> Void {
        if let timer = SteadyTimer.shared {
            let call = timer.call(at: time) { self.expire(number) }
            return { timer.cancel(call) }
        }
        let task = Task {
            let seconds = min(max(time.seconds(since: SteadyClock.now()), 0), 3600)
            try? await Task.sleep(for: .seconds(seconds))
            if !Task.isCancelled { expire(number) }
        }
        return { task.cancel() }
    }

    /// Sleeps until a time by `SteadyClock`, or until the task is cancelled.
    package static func sleep(until: Instant) async { await Wakeup().wait(until: until) }

    /// Sleeps for a while, or until the task is cancelled.
    package static func sleep(for span: TimeSpan) async {
        await sleep(until: SteadyClock.now().advanced(bySeconds: span.seconds))
    }
}
