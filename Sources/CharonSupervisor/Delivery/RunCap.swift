import CharonRuns

/// How much of one run's output is sent: its first part as it comes, and its last lines once it has ended.
package struct RunCap: Hashable, Sendable {
    /// The most messages of a run.
    package var messages: Int64
    /// The most bytes of their texts.
    package var bytes: Int64
    /// What of `messages` is kept for the last lines.
    package var lastMessages: Int64
    /// What of `bytes` is kept for the last lines; as far back they are read.
    package var lastBytes: Int64

    /// A cap that keeps the usual part for the last lines, half of it if it is small.
    package init(messages: Int64 = Timing.runCap.messages, bytes: Int64 = Timing.runCap.bytes) {
        self.messages = messages
        self.bytes = bytes
        lastMessages = min(Timing.runReserve.messages, messages / 2)
        lastBytes = min(Timing.runReserve.bytes, bytes / 2)
    }

    /// Whether no further message goes out: of the first part, or, once the middle is left out, of all.
    ///
    /// A message that was under way is finished first.
    func isFull(_ record: DeliveryRecord) -> Bool {
        guard record.sending == nil else { return false }
        let left = left(record)
        let isFirstPart = record.omitted == nil
        return left.messages <= (isFirstPart ? lastMessages : 0) || left.bytes <= (isFirstPart ? lastBytes : 0)
    }

    /// What may still be sent; what was set aside counts as a message, for its placeholder.
    private func left(_ record: DeliveryRecord) -> (messages: Int64, bytes: Int64) {
        (messages - record.messages - record.setAside.count, bytes - record.textBytes)
    }

    /// Where the last lines begin that still may be sent, and what those before mean for their levels: behind all
    /// `entries` if none may, before all if all may.
    ///
    /// `entries` are those at the end of the output, from the offset `from` on. Never within a line of several parts.
    func lastPart(
        of entries: [OutputReader.Entry], from: Int64, after record: DeliveryRecord, _ form: MessageForm,
        _ levels: LineLevels
    ) -> (from: Int64, levels: LineLevels) {
        var batches: [(from: Int64, levels: LineLevels, bytes: Int64)] = []
        var levels = levels
        var rest = entries[...]
        var end = from
        while let batch = MessageBatch(rest, from: end, bounds: nil, form, after: levels) {
            batches.append((end, levels, Int64(batch.text.utf8.count)))
            (end, levels) = (batch.bounds.to, batch.levels)
            rest = rest.drop { $0.end <= end }
        }
        let beginnings = Self.lineBeginnings(entries, from: from)
        let left = left(record)
        var start = (end, levels)
        var bytes: Int64 = 0
        for batch in batches.suffix(Int(max(min(left.messages, lastMessages), 0))).reversed() {
            bytes += batch.bytes
            guard bytes <= min(left.bytes, lastBytes) else { break }
            if beginnings.contains(batch.from) { start = (batch.from, batch.levels) }
        }
        return start
    }

    /// The offsets at which no line has begun whose rest comes later.
    private static func lineBeginnings(_ entries: [OutputReader.Entry], from: Int64) -> Set<Int64> {
        var beginnings: Set<Int64> = [from]
        var open: Set<LogLine.Stream> = []
        for entry in entries {
            if entry.line.isPartial { open.insert(entry.line.stream) } else { open.remove(entry.line.stream) }
            if open.isEmpty { beginnings.insert(entry.end) }
        }
        return beginnings
    }
}
