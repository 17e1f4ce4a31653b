import Synchronization

/// What an operator has one follower do, between two of its own steps.
final class Orders: Sendable {
    enum Order: Sendable {
        /// Try now what waits, and no later.
        case goOn
        /// Send again what was set aside.
        case resend
        /// Give up what waits, with the reason for the record.
        case drop(reason: String)
    }

    /// An order and whoever waits for its result; nil of nobody, who gets nil if it is not carried out.
    struct Given: Sendable {
        let order: Order
        let continuation: CheckedContinuation<Resend.Result?, Never>?
    }

    private struct State {
        var waiting: [Given] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup

    /// `wakeup` is what the follower sleeps on.
    init(_ wakeup: Wakeup) { self.wakeup = wakeup }

    /// Gives an order that nobody waits for.
    func post(_ order: Order) { add(Given(order: order, continuation: nil)) }

    /// Gives an order and returns its result; nil if the follower has ended before.
    func give(_ order: Order) async -> Resend.Result? {
        await withCheckedContinuation { add(Given(order: order, continuation: $0)) }
    }

    private func add(_ given: Given) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.waiting.append(given) }
            return state.isClosed
        }
        if isClosed { given.continuation?.resume(returning: nil) } else { wakeup.signal() }
    }

    /// The orders so far, in their turn.
    func take() -> [Given] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Refuses all orders from now on.
    func close() {
        let waiting = state.withLock { state in
            defer { state = State(waiting: [], isClosed: true) }
            return state.waiting
        }
        for given in waiting { given.continuation?.resume(returning: nil) }
    }
}
