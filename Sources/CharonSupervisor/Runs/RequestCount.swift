import Synchronization

/// The requests of delivery that are under way, so that a daemon can stop between two of them.
///
/// A start or an end that is broken off may have reached Charon all the same.
package final class RequestCount: Sendable {
    private struct State {
        var underWay = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether none is under way.
    package var isEmpty: Bool { state.withLock { $0.underWay == 0 } }

    /// Counts a request in, which must be followed by `leave`; false if there shall be no more.
    package func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.underWay += 1
            return true
        }
    }

    package func leave() { state.withLock { $0.underWay -= 1 } }

    /// Lets no more in.
    package func close() { state.withLock { $0.isClosed = true } }
}
