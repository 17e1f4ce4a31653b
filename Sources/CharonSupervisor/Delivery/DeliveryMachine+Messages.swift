import CharonCore
import CharonRuns

/// The messages of a run's output.
extension DeliveryMachine {
    /// Whether the next message needs no look at the output.
    package var isPrepared: Bool { !ready.isEmpty }

    /// Lets go of the messages that were made ahead; they are made again out of the output.
    package mutating func putDown() { ready = [] }

    /// Decides what of a run beyond its cap is left out, once it has ended.
    mutating func omitMiddle(_ view: View) {
        guard limits.cap.isFull(record), record.omitted == nil, view.ended != nil else { return }
        let last = limits.cap.lastPart(
            of: view.entries, from: view.from ?? record.acknowledged, after: record, limits.form, LineLevels(request))
        record.omitted = DeliveryRecord.Batch(from: record.acknowledged, to: last.from)
        record.acknowledged = last.from
        levels = last.levels
        record.planned = []
        ready = []
    }

    /// The next message, with its bounds in `record`.
    mutating func nextBatch(_ view: View, at now: Instant) -> MessageBatch? {
        guard !limits.cap.isFull(record) else {
            ready = []
            return nil
        }
        let entries = view.entries.drop { $0.end <= record.acknowledged }
        if ready.isEmpty { prepare(entries, after: levels ?? LineLevels(request, behind: view.before), at: now) }
        guard let batch = ready.first else { return nil }
        if record.sending == nil {
            _ = budget.take(at: now)
            if record.planned.first == batch.bounds.to { record.planned.removeFirst() }
        }
        record.sending = batch.bounds
        return batch
    }

    /// Makes the next messages out of `entries`, as many as the budget lets go: those with known bounds as they were.
    ///
    /// Of the others, all but the first have an entry behind them: nothing that is written later belongs to them.
    private mutating func prepare(
        _ entries: ArraySlice<OutputReader.Entry>, after levels: LineLevels, at now: Instant
    ) {
        self.levels = levels
        let isUnderWay = record.sending != nil
        let most = max(Int(budget.count(at: now)), 1) + (isUnderWay ? 1 : 0)
        var known = record.ends[...]
        var (rest, from) = (entries, record.acknowledged)
        while ready.count < most {
            let bounds = known.popFirst().map { DeliveryRecord.Batch(from: from, to: $0) }
            if let bounds, !ready.isEmpty, rest.last.map({ $0.end < bounds.to }) ?? true { break }
            guard
                let batch = MessageBatch(
                    rest, from: from, bounds: bounds, limits.form, after: ready.last?.levels ?? levels)
            else { break }
            rest = rest.drop { $0.end <= batch.bounds.to }
            if bounds == nil {
                guard ready.isEmpty || !rest.isEmpty else { break }
                record.planned.append(batch.bounds.to)
            }
            ready.append(batch)
            from = batch.bounds.to
        }
    }
}
