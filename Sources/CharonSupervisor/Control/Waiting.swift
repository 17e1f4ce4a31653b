package import CharonCore
package import CharonRuns

/// What of a run waits for Charon.
package enum Waiting {
    /// What Charon gets next of a run.
    package enum Next: String, Hashable, Sendable, CaseIterable {
        case start, messages, end
    }

    /// Nil if Charon has all that there is so far; `bytes` of output are not acknowledged.
    package static func next(_ delivery: DeliveryRecord, hasEnded: Bool, bytes: Int64, cap: RunCap) -> Next? {
        if delivery.isDone { return nil }
        guard case .answered = delivery.start else { return .start }
        // Beyond its cap, of a run only the last lines follow, and those when it has ended.
        let mayFollow = !cap.isFull(delivery) || (hasEnded && delivery.omitted == nil)
        let hasNotice = delivery.isLate && !delivery.isNoticeSent || !delivery.dropped.gaps.isEmpty
        if hasNotice || (bytes > 0 && mayFollow) { return .messages }
        return hasEnded ? .end : nil
    }

    /// The complete lines that are not acknowledged and still there, up to `end`.
    ///
    /// `room` is how many bytes may be read, less what this took; nil if they are too few.
    package static func lines(
        of directory: RunDirectory, _ delivery: DeliveryRecord, to end: Int64, room: inout Int64
    ) throws(SystemError) -> Int64? {
        var lines: Int64 = 0
        let reader = try OutputReader(directory)
        for part in delivery.waiting(before: end) {
            guard let more = try reader.lines(from: part.from, to: part.to, room: &room) else { return nil }
            lines += more
        }
        return lines
    }
}
