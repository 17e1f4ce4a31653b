import CharonCore
import Synchronization

/// Lets many starts that are due at once go before the reports of those that are started: a command is waited for, a
/// report is not.
package final class StartRush: Sendable {
    private struct State {
        var starting = 0
        /// Since a rush began; nil while there is none.
        var limit: SteadyTimer.Call?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// A start is on its way; `ended` must follow.
    package func began() {
        state.withLock { state in
            state.starting += 1
            guard state.starting > Timing.rush.starts, state.limit == nil, let timer = SteadyTimer.shared else {
                return
            }
            let end = SteadyClock.now().advanced(bySeconds: Timing.rush.patience.seconds)
            state.limit = timer.call(at: end) { self.release() }
        }
    }

    /// Its command starts, or will not.
    package func ended() {
        let isLast = state.withLock { state in
            state.starting -= 1
            return state.starting == 0
        }
        if isLast { release() }
    }

    /// Returns when no rush is on.
    package func wait() async {
        await withCheckedContinuation { waiter in
            let isFree = state.withLock { state in
                guard state.limit != nil else { return true }
                state.waiters.append(waiter)
                return false
            }
            if isFree { waiter.resume() }
        }
    }

    /// Lets all go on; a rush that goes on holds nobody for a second time.
    package func release() {
        let (waiters, limit) = state.withLock { state in
            defer { (state.waiters, state.limit) = ([], nil) }
            return (state.waiters, state.limit)
        }
        if let limit { SteadyTimer.shared?.cancel(limit) }
        for waiter in waiters { waiter.resume() }
    }
}
