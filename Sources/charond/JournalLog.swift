import CharonCore
import CharonJournald
import CharonSupervisor
import Synchronization

/// The daemon's way to the journal: what has no room there waits here for a while, and the daemon never does.
final class JournalLog: Sendable {
    private struct State: ~Copyable {
        var queue: JournalQueue
        /// Entries that had no place in the queue either.
        var lost = 0
        var isRetrying = false
    }

    private static let retry = TimeSpan(milliseconds: 250)

    private let state: Mutex<State>

    /// Nil if there is no journald.
    init?() {
        guard let queue = JournalQueue() else { return nil }
        state = Mutex(State(queue: queue))
    }

    func send(_ entry: JournalFields) {
        let mustRetry = state.withLock { state in
            if !state.queue.add(entry) { state.lost += 1 }
            Self.flush(&state)
            guard !state.queue.isEmpty, !state.isRetrying else { return false }
            state.isRetrying = true
            return true
        }
        if mustRetry { retry() }
    }

    private func retry() {
        Task { [weak self] in
            while true {
                await Wakeup.sleep(for: Self.retry)
                guard self?.isStillWaiting() == true else { return }
            }
        }
    }

    private func isStillWaiting() -> Bool {
        state.withLock { state in
            Self.flush(&state)
            state.isRetrying = !state.queue.isEmpty
            return state.isRetrying
        }
    }

    private static func flush(_ state: inout State) {
        state.lost += state.queue.flush()
        guard state.lost > 0, state.queue.isEmpty else { return }
        var entry = JournalFields()
        entry.add("SYSLOG_IDENTIFIER", "charond")
        entry.add(.linesMissing)
        entry.add(.warning)
        entry.add("CHARON_MISSING_LINES", "\(state.lost)")
        entry.add("MESSAGE", "log entries that journald did not take are missing count=\(state.lost)")
        state.lost = state.queue.add(entry) ? 0 : state.lost
        _ = state.queue.flush()
    }
}
