import CharonCore
import CharonRuns

/// What the disk budget takes of an undelivered run's output.
extension FollowedRecord {
    /// What stays at the end of the output in any case: the last lines of a failure are read there.
    static let keptEnd: Int64 = 65_536

    /// A gap that leaves about `keeping` bytes of what waits, half of them at each end; nil if none is worth it.
    ///
    /// What is being sent or planned, and all before it, is not touched.
    func gap(in delivery: DeliveryRecord, keeping: Int64, until ended: SupervisorRecord.Ended?) async
        -> DeliveryRecord.Dropped.Gap?
    {
        guard !delivery.isDone, keeping < .max else { return nil }
        let directory = directory
        return await attempt("output.log", on: context.bulk) { () throws(SystemError) in
            guard try directory.canDropOutput() else { return nil }
            let reader = try OutputReader(directory)
            let end = min(try reader.size, ended?.outputBytes ?? .max)
            var gaps = delivery.dropped.gaps
            // The last gap may grow, unless Charon may know its bounds.
            let last = gaps.last.flatMap { $0.bytes == delivery.sending ? nil : $0 }
            if last != nil { gaps.removeLast() }
            let start = max(delivery.acknowledged, delivery.ends.last ?? 0, gaps.last?.bytes.to ?? 0)
            guard start < end, last.map({ start <= $0.bytes.from && $0.bytes.to <= end }) ?? true else { return nil }
            return try reader.gap(
                in: .init(from: start, to: end), keeping: keeping, around: last, least: DiskBudget.leastCut)
        } ?? nil
    }

    /// Gives back what Charon has of the output and what `delivery` calls dropped; both must have been written.
    ///
    /// The text of messages that were set aside stays.
    func free(_ delivery: DeliveryRecord, until ended: SupervisorRecord.Ended?) async {
        let (directory, intents) = (directory, context.intents)
        await attempt("output.log", on: context.bulk) { () throws(SystemError) in
            guard try directory.canDropOutput() else { return }
            let end = min(try OutputReader(directory).size, ended?.outputBytes ?? .max)
            let spare = min(delivery.isDone ? end : delivery.acknowledged, end - Self.keptEnd)
            // After a power cut the record must still say what is missing.
            try intents.settle(directory)
            try directory.dropOutput(delivery.acknowledged(before: spare) + delivery.dropped.gaps.map(\.bytes))
        }
    }
}

extension DeliveryRecord {
    /// The parts of `output.log` before `end` but for those that were set aside.
    func acknowledged(before end: Int64) -> [Batch] {
        var parts: [Batch] = []
        var from: Int64 = 0
        for kept in setAside.messages.map(\.bytes).sorted(by: { $0.from < $1.from }) where kept.from < end {
            parts.append(Batch(from: from, to: max(from, kept.from)))
            from = max(from, kept.to)
        }
        parts.append(Batch(from: from, to: max(from, end)))
        return parts.filter { $0.from < $0.to }
    }
}
