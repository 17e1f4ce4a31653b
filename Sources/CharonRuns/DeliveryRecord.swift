package import CharonCore

/// `delivery.json`: the gate's answer and how far Charon has acknowledged the run.
///
/// Replaced by rename: before `start` is written (on disk before it goes out), after its answer, before a message goes
/// out whose bounds it does not hold, after the end, before a rest, and else every three seconds.
package struct DeliveryRecord: Hashable, Sendable {
    /// The version that this release writes.
    package static let version: Int64 = 1

    /// What the gate heard from Charon.
    package enum Gate: String, Hashable, Sendable, CaseIterable {
        case unasked, yes, no, unregistered, unanswered
    }

    /// How far the execution's start has come.
    package enum Start: Hashable, Sendable {
        /// Nothing was written to Charon.
        case unsent
        /// The intent: the request may have been written, its answer is not known here.
        case sent(at: Instant)
        case answered(ExecutionID)
        /// Charon refuses the execution for good: switched off, or not registered.
        case refused(String)
        /// The request was written and no answer will come; another start may follow.
        case uncertain(at: Instant)
    }

    /// How far the execution's end has come.
    package enum End: String, Hashable, Sendable, CaseIterable {
        case unsent, answered
        /// Charon will never take it; the reason is in `note`.
        case givenUp = "given-up"
    }

    /// The bytes of `output.log` that one message stands for.
    package struct Batch: Hashable, Sendable {
        package var from: Int64
        package var to: Int64

        package init(from: Int64, to: Int64) {
            self.from = from
            self.to = to
        }
    }

    package var gate = Gate.unasked
    package var start = Start.unsent
    /// The start of an execution is asked for after the fact, and can-start is asked once more before it.
    package var isLate = false
    /// Another start was written before and may have made an execution of its own.
    package var hadUncertainStart = false
    /// Charon's id for the cron, from its can-start answer.
    package var cronID: CronID?
    /// All of `output.log` before this offset is with Charon, was set aside, or was dropped and Charon told so.
    package var acknowledged: Int64 = 0
    /// The message that was being sent; after a restart it is sent again with the same bounds and key.
    package var sending: Batch?
    /// Where those behind it end that may have been sent too since this was written, for which the same holds.
    package var planned: [Int64] = []
    /// Messages that Charon has taken, the lines in them, and the bytes of their texts.
    package var messages: Int64 = 0
    package var lines: Int64 = 0
    package var textBytes: Int64 = 0
    /// Lines that the run's own rules keep from Charon.
    package var withheld: Int64 = 0
    /// What Charon could not take.
    package var setAside = SetAside()
    /// What the disk budget took before Charon had it.
    package var dropped = Dropped()
    /// The bytes between the first and the last part of a run beyond its cap, which are not sent.
    ///
    /// Decided when the run has ended; empty if all the rest still fits.
    package var omitted: Batch?
    /// What must be said before the first line (a late or repeated start) has been said.
    package var isNoticeSent = false
    package var end = End.unsent
    /// The end is sent with its outcome alone, because its full message was refused.
    package var isEndMinimal = false
    /// What an operator should know of this delivery.
    package var note: String?

    package init() {}
}

extension DeliveryRecord {
    /// Whether nothing is left to be sent.
    package var isDone: Bool {
        if case .refused = start { return true }
        return end != .unsent
    }

    package var json: JSON {
        var start: JSON
        switch self.start {
        case .unsent: start = ["state": "unsent"]
        case .sent(let at): start = ["state": "sent", "at": .string(at.rfc3339)]
        case .answered(let id): start = ["state": "answered", "execution": .string(id.text)]
        case .refused(let reason): start = ["state": "refused", "reason": .string(reason)]
        case .uncertain(let at): start = ["state": "uncertain", "at": .string(at.rfc3339)]
        }
        return [
            "v": .integer(Self.version), "gate": .string(gate.rawValue), "start": start, "late": .bool(isLate),
            "had_uncertain_start": .bool(hadUncertainStart), "cron_id": cronID.map { .string($0.text) },
            "acknowledged": .integer(acknowledged),
            "sending": sending?.json, "planned": planned.isEmpty ? nil : .array(planned.map { .integer($0) }),
            "messages": .integer(messages), "lines": .integer(lines), "text_bytes": .integer(textBytes),
            "withheld": withheld == 0 ? nil : .integer(withheld),
            "set_aside": setAside.json, "dropped": dropped.json, "omitted": omitted?.json,
            "notice_sent": .bool(isNoticeSent), "end": .string(end.rawValue),
            "end_minimal": isEndMinimal ? true : nil, "note": note.map { .string($0) },
        ]
    }

    /// Nil unless `json` is a delivery that this release can read.
    package init?(json: JSON) {
        guard json["v"]?.integer == Self.version, let gate = json["gate"]?.string.flatMap(Gate.init),
            let start = json["start"].flatMap(Start.init(json:)), let end = json["end"]?.string.flatMap(End.init),
            let acknowledged = json["acknowledged"]?.integer, acknowledged >= 0
        else { return nil }
        self.gate = gate
        self.start = start
        self.end = end
        self.acknowledged = acknowledged
        isLate = json["late"]?.bool ?? false
        hadUncertainStart = json["had_uncertain_start"]?.bool ?? false
        cronID = json["cron_id"]?.string.flatMap(CronID.init)
        sending = json["sending"].flatMap(Batch.init(json:)).flatMap { $0.to > $0.from ? $0 : nil }
        planned = (json["planned"]?.array ?? []).compactMap(\.integer)
        let order = [acknowledged] + [sending?.to].compactMap(\.self) + planned
        // Offsets out of their order are no promise that can be kept.
        if zip(order, order.dropFirst()).contains(where: { $0 >= $1 }) { planned = [] }
        messages = json["messages"]?.integer ?? 0
        lines = json["lines"]?.integer ?? 0
        textBytes = json["text_bytes"]?.integer ?? 0
        withheld = json["withheld"]?.integer ?? 0
        setAside = SetAside(json: json["set_aside"])
        dropped = Dropped(json: json["dropped"])
        omitted = json["omitted"].flatMap(Batch.init(json:))
        isEndMinimal = json["end_minimal"]?.bool ?? false
        isNoticeSent = json["notice_sent"]?.bool ?? false
        note = json["note"]?.string
    }
}

extension DeliveryRecord.Batch {
    var json: JSON { ["from": .integer(from), "to": .integer(to)] }

    /// Nil unless `from` and `to` are offsets in this order; they may be equal.
    init?(json: JSON) {
        guard let from = json["from"]?.integer, let to = json["to"]?.integer, from >= 0, to >= from else { return nil }
        self.init(from: from, to: to)
    }
}

extension DeliveryRecord.Start {
    fileprivate init?(json: JSON) {
        switch json["state"]?.string {
        case "unsent": self = .unsent
        case "sent":
            guard let at = Instant(json: json["at"]) else { return nil }
            self = .sent(at: at)
        case "answered":
            guard let id = json["execution"]?.string.flatMap(ExecutionID.init) else { return nil }
            self = .answered(id)
        case "refused": self = .refused(json["reason"]?.string ?? "")
        case "uncertain":
            guard let at = Instant(json: json["at"]) else { return nil }
            self = .uncertain(at: at)
        default: return nil
        }
    }
}
