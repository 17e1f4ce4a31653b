/// Who gets the next of a fixed number of slots: the most urgent first, within one urgency the first come.
///
/// A pure state machine; `Waiter` is whatever the caller resumes.
struct SlotQueue<Waiter> {
    /// How urgent a request is; a smaller number is served first.
    enum Urgency: Int, CaseIterable {
        /// A run waits for the answer.
        case gate
        /// A run is finished.
        case end
        case message
    }

    private let count: Int
    private var free: Int
    private var waiting: [[Waiter]] = Array(repeating: [], count: Urgency.allCases.count)
    private(set) var isClosed = false

    init(count: Int) {
        self.count = count
        free = count
    }

    /// Takes a slot if nobody who is as urgent waits for it.
    mutating func take(_ urgency: Urgency) -> Bool {
        guard !isClosed, isFree(for: urgency), waiting[...urgency.rawValue].allSatisfy(\.isEmpty) else { return false }
        free -= 1
        return true
    }

    /// Puts a waiter behind those who are as urgent.
    mutating func wait(_ urgency: Urgency, _ waiter: Waiter) { waiting[urgency.rawValue].append(waiter) }

    /// Gives a slot back; the waiter that gets it now, if there is one.
    mutating func release() -> Waiter? {
        free += 1
        for urgency in Urgency.allCases where isFree(for: urgency) && !waiting[urgency.rawValue].isEmpty {
            free -= 1
            return waiting[urgency.rawValue].removeFirst()
        }
        return nil
    }

    /// Ends the queue, so that nobody gets a slot any more; everybody who still waits.
    mutating func close() -> [Waiter] {
        isClosed = true
        defer { waiting = waiting.map { _ in [] } }
        return waiting.flatMap { $0 }
    }

    /// Messages leave one slot free, so that a backlog against a slow server holds up no start and no end.
    private func isFree(for urgency: Urgency) -> Bool { free > (urgency == .message && count > 1 ? 1 : 0) }
}
