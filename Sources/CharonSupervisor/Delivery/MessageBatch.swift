package import CharonCore
import CharonLevels
package import CharonRuns

/// Neighbouring entries of one level, joined into the text of one message.
package struct MessageBatch: Hashable, Sendable {
    package let bounds: DeliveryRecord.Batch
    /// Nil if none of its lines is to be sent.
    package let level: Level?
    package let text: String
    /// Lines of the message that end in this batch.
    package let lines: Int64
    /// Those that are not to be sent.
    package let withheld: Int64

    /// What its lines mean for those behind them.
    package let levels: LineLevels

    /// The next batch out of `entries`, which begin at `from`; nil without entries.
    ///
    /// `levels` are those behind the entries before.
    ///
    /// With `bounds`, exactly the entries within them, so that a message sent again has the same text as before.
    package init?(
        _ entries: some Sequence<OutputReader.Entry>, from: Int64, bounds: DeliveryRecord.Batch?, _ form: MessageForm,
        after levels: LineLevels
    ) {
        var draft = Draft(form, levels)
        var end = from
        for entry in entries {
            if let bounds {
                guard entry.end <= bounds.to else { break }
                draft.take(entry.line)
            } else {
                guard draft.takeFitting(entry.line) else { break }
            }
            end = entry.end
        }
        guard end > from else { return nil }
        self.bounds = bounds ?? DeliveryRecord.Batch(from: from, to: end)
        level = draft.level
        self.levels = draft.levels
        text = draft.texts.joined(separator: "\n")
        lines = draft.complete
        withheld = draft.withheld
    }

    /// The idempotency key of this message.
    func key(_ run: RunID) -> String { "\(run)/\(bounds.from)-\(bounds.to)" }

    /// The record of this message if Charon cannot take it.
    func setAside(status: Int?, reason: String, at: Instant) -> DeliveryRecord.SetAside.Message {
        DeliveryRecord.SetAside.Message(
            bytes: bounds, level: level ?? .info, lines: lines, status: status, reason: reason, at: at)
    }
}

/// A batch while entries are added to it.
private struct Draft {
    /// A line whose next part goes on with it.
    private struct Open {
        let index: Int
        let raw: [UInt8]
    }

    private let hygiene: TextHygiene
    private let joinedBytes: Int
    private(set) var levels: LineLevels
    private(set) var level: Level?
    private(set) var texts: [String] = []
    private(set) var complete: Int64 = 0
    private(set) var withheld: Int64 = 0
    private var bytes = 0
    private var open: [LogLine.Stream: Open] = [:]

    init(_ form: MessageForm, _ levels: LineLevels) {
        hygiene = TextHygiene(messageBytes: form.messageBytes)
        joinedBytes = form.joinedBytes
        self.levels = levels
    }

    mutating func take(_ line: LogLine) { _ = take(line, onlyFitting: false) }

    /// Takes the line unless it has another level or makes the text too long; the first one always fits.
    mutating func takeFitting(_ line: LogLine) -> Bool { take(line, onlyFitting: true) }

    private mutating func take(_ line: LogLine, onlyFitting: Bool) -> Bool {
        var later = levels
        let own = later.take(line)
        guard own.said.isSent else {
            levels = later
            withheld += line.isPartial ? 0 : 1
            return true
        }
        let begun = open[line.stream]
        guard !onlyFitting || begun != nil || level == nil || own.said.level == level else { return false }
        let raw = (begun?.raw ?? []) + own.text
        let text = hygiene.text(of: raw)
        let size = bytes + text.utf8.count - (begun.map { texts[$0.index].utf8.count } ?? -1)
        guard !onlyFitting || texts.isEmpty || size <= joinedBytes else { return false }
        bytes = size
        level = level ?? own.said.level
        levels = later
        if let begun { texts[begun.index] = text } else { texts.append(text) }
        open[line.stream] = line.isPartial ? Open(index: begun?.index ?? texts.count - 1, raw: raw) : nil
        complete += line.isPartial ? 0 : 1
        return true
    }
}
