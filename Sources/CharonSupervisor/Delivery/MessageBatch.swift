package import CharonCore
import CharonLevels
package import CharonRuns

/// Neighbouring entries of one level, joined into the text of one message.
package struct MessageBatch: Hashable, Sendable {
    package let bounds: DeliveryRecord.Batch
    package let level: Level
    package let text: String
    /// Lines that end in this batch.
    package let lines: Int64

    /// The next batch out of `entries`, which begin at `from`; nil without entries.
    ///
    /// With `bounds`, exactly the entries within them, so that a message sent again has the same text as before.
    package init?(_ entries: [OutputReader.Entry], from: Int64, bounds: DeliveryRecord.Batch?, messageBytes: Int) {
        guard let first = entries.first else { return nil }
        let (level, _) = LineLevel.classify(first.line)
        var taken: [OutputReader.Entry] = []
        var size = 0
        for entry in entries {
            if let bounds {
                guard entry.end <= bounds.to else { break }
            } else if !taken.isEmpty {
                let (other, text) = LineLevel.classify(entry.line)
                guard other == level, size + text.count + 1 <= Timing.joinedBytes else { break }
            }
            size += entry.line.text.count + 1
            taken.append(entry)
        }
        guard let last = taken.last else { return nil }
        self.bounds = bounds ?? DeliveryRecord.Batch(from: from, to: last.end)
        self.level = level
        text = Self.text(of: taken, messageBytes: messageBytes)
        lines = Int64(taken.count { !$0.line.isPartial })
    }

    /// The parts of a line are put together again where they follow each other.
    private static func text(of entries: [OutputReader.Entry], messageBytes: Int) -> String {
        var lines: [[UInt8]] = []
        var open: LogLine.Stream?
        for entry in entries {
            let text = LineLevel.classify(entry.line).text
            if open == entry.line.stream, !lines.isEmpty {
                lines[lines.count - 1] += text
            } else {
                lines.append(Array(text))
            }
            open = entry.line.isPartial ? entry.line.stream : nil
        }
        return lines.map(TextHygiene(messageBytes: messageBytes).text(of:)).joined(separator: "\n")
    }
}

/// The level of one entry and its text without a level prefix.
enum LineLevel {
    private static let rules = LevelRules()

    static func classify(_ line: LogLine) -> (level: Level, text: ArraySlice<UInt8>) {
        let classified = rules.classify(line.text, from: line.stream == .stderr ? .stderr : .stdout)
        return (classified.level, classified.text)
    }
}
