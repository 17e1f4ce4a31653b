package import CharonCore

extension OutputReader {
    /// So far around a bound of a gap the end of a line is looked for; some of the longest entries fit.
    private static let reach: Int64 = 65_536

    /// What to drop of `part` so that about `keeping` bytes of it stay, half of them at each of its ends.
    ///
    /// Whole lines, or whole parts of a line that has no end near the bound. `gap` is an earlier one within `part`,
    /// which the result contains. Nil if less than `least` bytes more would go.
    package func gap(
        in part: DeliveryRecord.Batch, keeping: Int64, around gap: DeliveryRecord.Dropped.Gap? = nil, least: Int64
    ) throws(SystemError) -> DeliveryRecord.Dropped.Gap? {
        let half = max(keeping, 0) / 2
        let head = min(part.from + half, gap?.bytes.from ?? .max)
        let tail = max(part.to - half, gap?.bytes.to ?? 0)
        let old = gap.map { $0.bytes.to - $0.bytes.from } ?? 0
        guard tail - head - old >= least else { return nil }
        let from = head == gap?.bytes.from ? head : try lastBound(from: part.from, to: head)
        let to = tail == gap?.bytes.to ? tail : try firstBound(after: tail, from: gap?.bytes.to ?? from, to: part.to)
        guard let to, to - from - old >= least else { return nil }
        var room = Int64.max
        var lines = gap?.lines ?? 0
        for side in [(from, gap?.bytes.from ?? to), (gap?.bytes.to ?? to, to)] where side.0 < side.1 {
            lines += try self.lines(from: side.0, to: side.1, room: &room) ?? 0
        }
        return DeliveryRecord.Dropped.Gap(bytes: .init(from: from, to: to), lines: lines)
    }

    /// The last end of a line in a part of the output, else the last end of an entry, else its beginning.
    private func lastBound(from: Int64, to: Int64) throws(SystemError) -> Int64 {
        let bounds = try bounds(from: max(from, to - Self.reach), to: to, isFirst: to - Self.reach <= from)
        return bounds.last { $0.endsLine }?.offset ?? bounds.last?.offset ?? from
    }

    /// The first end of a line at or after `offset`, else the first end of an entry; nil if there is none near.
    private func firstBound(after offset: Int64, from: Int64, to: Int64) throws(SystemError) -> Int64? {
        let begin = max(from, offset - Self.reach)
        let bounds = try bounds(from: begin, to: min(to, offset + Self.reach), isFirst: begin == from)
            .filter { $0.offset >= offset }
        return bounds.first { $0.endsLine }?.offset ?? bounds.first?.offset
    }

    /// The ends of the entries between two offsets; at one that ends a line no stream is within a line.
    ///
    /// With `isFirst`, an entry begins at `from`.
    private func bounds(from: Int64, to: Int64, isFirst: Bool) throws(SystemError) -> [(offset: Int64, endsLine: Bool)]
    {
        let begin = isFirst ? from : try boundary(from: from)
        var open: Set<LogLine.Stream> = []
        return try entries(from: begin, to: to, limit: Int(2 * Self.reach)).map { entry in
            if entry.line.isPartial { open.insert(entry.line.stream) } else { open.remove(entry.line.stream) }
            return (entry.end, open.isEmpty)
        }
    }
}
