package import CharonCore
package import CharonRuns
import Synchronization

/// Counts what records grow by, and tells when it is time to look at the disk budget again.
package final class DiskGrowth: Sendable {
    private struct State {
        var grown = DiskUse()
        var enough = DiskUse()
    }

    private let state = Mutex(State())
    private let wakeup = Wakeup()

    package init() {}

    /// Counts further bytes and files.
    package func add(bytes: Int64 = 0, files: Int64 = 0) {
        let isEnough = state.withLock { state in
            let before = state.grown
            state.grown += DiskUse(bytes: bytes, files: files)
            // Once for each look, however much follows before it.
            return state.grown.exceeds(state.enough) && !before.exceeds(state.enough)
        }
        if isEnough { wakeup.signal() }
    }

    /// Counts from nothing again, up to more than `enough`.
    package func restart(until enough: DiskUse) { state.withLock { $0 = State(grown: DiskUse(), enough: enough) } }

    /// Has the disk looked at soon: runs have begun after a time without any.
    func look() { wakeup.signal() }

    /// Returns when there was so much growth, after `pause` at most, or when the task is cancelled.
    package func wait(_ pause: TimeSpan = Timing.budgetLook) async {
        await wakeup.wait(until: SteadyClock.now().advanced(bySeconds: pause.seconds))
    }
}
