import CharonCore

extension DeliveryRecord {
    /// What the disk budget took of a run's output before Charon had it.
    ///
    /// It is written before the bytes go, so that no death in between leaves a loss of which nobody knows.
    package struct Dropped: Hashable, Sendable {
        /// Bytes of `output.log` that are no more, and the lines that ended in them.
        package struct Gap: Hashable, Sendable {
            package var bytes: Batch
            package var lines: Int64

            package init(bytes: Batch, lines: Int64) {
                self.bytes = bytes
                self.lines = lines
            }
        }

        /// Those that Charon has not been told of, in their order; the first may be under way.
        package private(set) var gaps: [Gap] = []
        /// All gaps, the lines that ended in them, and their bytes.
        package private(set) var count: Int64 = 0
        package private(set) var lines: Int64 = 0
        package private(set) var bytes: Int64 = 0

        package init() {}

        /// Adds a gap behind all others, or in the place of the last one that is a part of it.
        package mutating func add(_ gap: Gap) {
            if let last = gaps.last, gap.bytes.from <= last.bytes.from, last.bytes.to <= gap.bytes.to {
                count(gaps.removeLast(), -1)
            }
            gaps.append(gap)
            count(gap, 1)
        }

        /// Charon has been told of the first gap.
        package mutating func passFirst() { if !gaps.isEmpty { gaps.removeFirst() } }

        private mutating func count(_ gap: Gap, _ sign: Int64) {
            count += sign
            lines += sign * gap.lines
            bytes += sign * (gap.bytes.to - gap.bytes.from)
        }
    }

    /// The bytes of `output.log` before `end` that Charon has not acknowledged and that are still there.
    package func waitingBytes(before end: Int64) -> Int64 {
        waiting(before: end).reduce(0) { $0 + $1.to - $1.from }
    }

    /// The parts of `output.log` before `end` that Charon has not acknowledged and that are still there.
    package func waiting(before end: Int64) -> [Batch] {
        var parts: [Batch] = []
        var from = acknowledged
        for gap in dropped.gaps where gap.bytes.from < end {
            if gap.bytes.from > from { parts.append(Batch(from: from, to: gap.bytes.from)) }
            from = max(from, gap.bytes.to)
        }
        if from < end { parts.append(Batch(from: from, to: end)) }
        return parts
    }
}

extension DeliveryRecord.Dropped {
    /// Nil if nothing was dropped.
    var json: JSON? {
        guard count > 0 else { return nil }
        return [
            "count": .integer(count), "lines": .integer(lines), "bytes": .integer(bytes),
            "gaps": .array(gaps.map(\.json)),
        ]
    }

    /// What can be read of `json`; nothing for nil, as in a record of an earlier release.
    init(json: JSON?) {
        gaps = (json?["gaps"]?.array ?? []).compactMap(Gap.init(json:)).sorted { $0.bytes.from < $1.bytes.from }
        // The totals are what Charon is told at the end, so they are at least what is listed.
        func total(_ name: String, _ listed: (Gap) -> Int64) -> Int64 {
            max(json?[name]?.integer ?? 0, gaps.reduce(0) { $0 + listed($1) })
        }
        count = total("count") { _ in 1 }
        lines = total("lines", \.lines)
        bytes = total("bytes") { $0.bytes.to - $0.bytes.from }
    }
}

extension DeliveryRecord.Dropped.Gap {
    fileprivate var json: JSON {
        ["from": .integer(bytes.from), "to": .integer(bytes.to), "lines": .integer(lines)]
    }

    fileprivate init?(json: JSON) {
        guard let bytes = DeliveryRecord.Batch(json: json), bytes.to > bytes.from, bytes.to <= 1 << 50 else {
            return nil
        }
        self.init(bytes: bytes, lines: min(max(json["lines"]?.integer ?? 0, 0), bytes.to - bytes.from))
    }
}
