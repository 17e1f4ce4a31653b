import CharonJournald

/// A queue that expectations can look at: they take copies, which a queue does not have.
final class Sender {
    private var queue: JournalQueue

    /// Nil if nobody listens at `path`.
    init?(_ path: String) {
        guard let queue = JournalQueue(path: path) else { return nil }
        self.queue = queue
    }

    var isEmpty: Bool { queue.isEmpty }
    var waitsFor: Int32 { queue.waitsFor }
    var waitsForJournal: Bool { queue.waitsForJournal }

    func add(_ entry: JournalFields) -> Bool { queue.add(entry) }
    func flush() -> Int { queue.flush() }
    func close(within milliseconds: Int32) { queue.close(within: milliseconds) }
    func forget() { queue.forget() }
}
