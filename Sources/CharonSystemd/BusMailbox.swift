import CSystemd
import CharonCore
import Glibc
import Synchronization

/// Requests on their way to the bus's thread, and the callers that wait for their answers.
final class BusMailbox: Sendable {
    typealias Answer = Result<String, ManagerError>
    typealias Waiter = CheckedContinuation<Answer, Never>

    private struct State {
        var requests: [(BusMachine.Ticket, BusMachine.Request)] = []
        var waiters: [BusMachine.Ticket: Waiter] = [:]
        var lastTicket = BusMachine.rootTicket
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readable when there is something to take (eventfd(2)).
    let wake: Descriptor

    init() throws(SystemError) {
        let number = csystemd_wake_open()
        guard number >= 0 else { throw SystemError("eventfd", errno: -number) }
        wake = Descriptor(owning: number)
    }

    func ask(_ request: BusMachine.Request) async throws(ManagerError) -> String {
        let answer = await withCheckedContinuation { (waiter: Waiter) in
            let isClosed = state.withLock { state in
                guard !state.isClosed else { return true }
                state.lastTicket += 1
                state.waiters[state.lastTicket] = waiter
                state.requests.append((state.lastTicket, request))
                return false
            }
            if isClosed { return waiter.resume(returning: .failure(ManagerError(.unavailable, "it was closed"))) }
            ring()
        }
        return try answer.get()
    }

    func finish(_ ticket: BusMachine.Ticket, _ answer: Answer) {
        state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: answer)
    }

    /// Ends the thread; what waits is answered by it.
    func close() {
        state.withLock { $0.isClosed = true }
        ring()
    }

    /// The requests since the last call; nil when there are to be no more.
    func take() -> [(BusMachine.Ticket, BusMachine.Request)]? {
        var count: UInt64 = 0
        _ = read(wake.number, &count, 8)
        return state.withLock { state in
            defer { state.requests = [] }
            return state.isClosed ? nil : state.requests
        }
    }

    private func ring() {
        var count: UInt64 = 1
        _ = write(wake.number, &count, 8)
    }
}
