import CharonAPI
import CharonCore
import CharonRuns

/// What the disk budget took: one message stands in the place of each gap.
extension DeliveryMachine {
    /// Whether a gap is what comes next.
    var isAtGap: Bool { record.dropped.gaps.first.map { record.acknowledged >= $0.bytes.from } ?? false }

    /// The gap of which Charon is told next; nil if lines come before it, or there is none.
    func nextGap(_ view: View) -> DeliveryRecord.Dropped.Gap? {
        if isAtGap { return record.dropped.gaps.first }
        // Before the gap is nothing but text that is no entry.
        guard view.entries.isEmpty, case .next = wants(view.ended) else { return nil }
        return record.dropped.gaps.first
    }

    /// The message of a gap, whose bounds do not change from now on.
    mutating func deliver(_ gap: DeliveryRecord.Dropped.Gap, _ execution: ExecutionID) -> Action {
        record.sending = gap.bytes
        underWay = .gap(gap)
        return .deliver(.message(execution, .warning, gap.text), key: gap.key(request.run))
    }

    /// Charon knows of the gap, or will not hear of it.
    mutating func pass(_ gap: DeliveryRecord.Dropped.Gap) {
        record.acknowledged = max(record.acknowledged, gap.bytes.to)
        record.sending = nil
        record.dropped.passFirst()
        levels = LineLevels(request)
    }
}

extension DeliveryRecord.Dropped.Gap {
    /// How much is missing and why, in ASCII; the same each time, as the idempotency key demands.
    var text: String {
        let what = DeliveryRecord.Dropped.description(lines: lines, bytes: bytes.to - bytes.from)
        return "\(what) were dropped here: the disk budget of charond was reached before Charon took them"
    }

    func key(_ run: RunID) -> String { "\(run)/\(bytes.from)-\(bytes.to)/dropped" }
}

extension DeliveryRecord.Dropped {
    /// `12 lines (3456 bytes)`.
    var description: String { Self.description(lines: lines, bytes: bytes) }

    fileprivate static func description(lines: Int64, bytes: Int64) -> String {
        let what = lines > 0 ? "\(lines) line\(lines == 1 ? "" : "s")" : "parts of a line"
        return "\(what) (\(bytes) byte\(bytes == 1 ? "" : "s"))"
    }
}
