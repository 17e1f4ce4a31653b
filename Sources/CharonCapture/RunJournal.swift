import CharonCore
import CharonJournald
import CharonLevels
import CharonRuns
import Glibc

/// Sends the lines of one run to the journal as they come, within a budget, and never waits for it.
///
/// A line is one entry, whatever parts it came in.
final class RunJournal {
    private let request: JournalRequest
    private var queue: JournalQueue
    private var budget = JournalBudget()
    private var unfinished = (stdout: UnfinishedLine(), stderr: UnfinishedLine())
    private var classifier: LineClassifier
    private var isOutput = false

    /// How long the end of a run waits for a journald that is slow, in milliseconds.
    private static let patience: Int32 = 100
    /// And where the journal is our output: it knows the unit of a process only while the process is there.
    private static let patienceOfUnit: Int32 = 500
    /// How often one that has gone is looked for.
    private static let retry = RunMachine.Moment.milliseconds(500)

    /// Nil if there is no journald.
    init?(_ request: JournalRequest) {
        guard let queue = JournalQueue(path: request.socket) else { return nil }
        self.request = request
        classifier = LineClassifier(request.levels)
        self.queue = queue
    }

    /// Whether `descriptor` leads into the journal, where this already brings the lines.
    func isSame(as descriptor: Int32) -> Bool {
        guard request.stream?.matches(descriptor) ?? false else { return false }
        isOutput = true
        return true
    }

    /// The socket's descriptor, or -1.
    var descriptor: Int32 { queue.descriptor }

    /// The descriptor to poll for POLLOUT, or -1.
    var waitsFor: Int32 { queue.waitsFor }

    /// When to call `flush` if nothing happens before.
    var deadline: RunMachine.Moment? {
        if queue.waitsForJournal { return RunMachine.Moment.now() + Self.retry }
        // While there is no room, that there is some wakes us.
        return queue.isEmpty ? budget.deadline : nil
    }

    /// Takes bytes that were read at `time`; `lines` is how many lines they end, if somebody has counted.
    func take(_ chunk: UnsafeRawBufferPointer, from stream: LogLine.Stream, lines: Int64?, at time: Instant) {
        let now = RunMachine.Moment.now()
        guard !budget.isExhausted(at: now) else { return skip(chunk, from: stream, lines: lines) }
        var rest = chunk
        var taken: Int64 = 0
        while let end = Self.newline(in: rest) {
            let isTaken = endLine(rest[..<end], of: stream, at: time, now)
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            taken += 1
            guard isTaken else { return skip(rest, from: stream, lines: lines.map { $0 - taken }) }
        }
        if !rest.isEmpty { change(stream) { $0.append(rest) } }
    }

    /// Takes a line that has no newline, at the end of its stream.
    func finish(_ stream: LogLine.Stream) {
        let last = stream == .stdout ? unfinished.stdout : unfinished.stderr
        guard !last.isEmpty else { return }
        _ = endLine(UnsafeRawBufferPointer(start: nil, count: 0)[...], of: stream, at: .now(), .now())
    }

    /// Sends what can be sent, and tells how many lines are missing when it is time.
    ///
    /// `isLast`: no more lines come.
    func flush(isLast: Bool = false) {
        budget.miss(Int64(queue.flush()))
        guard let missing = budget.settle(at: .now(), isLast: isLast) else { return }
        if queue.add(pointer(missing)) { _ = queue.flush() } else { budget.unsettle(missing) }
    }

    /// At the end: what a journald that does not answer has not taken by then is lost.
    func close() {
        flush(isLast: true)
        queue.close(within: isOutput ? Self.patienceOfUnit : Self.patience, untilRead: isOutput)
    }

    /// For a copy of this process, which has to tell of its own lines only.
    func forget() {
        queue.forget()
        _ = budget.settle(at: .now(), isLast: true)
    }
}

extension RunJournal {
    /// Ends a line with its last bytes; false if it is beyond the budget, as all that follow are for now.
    private func endLine(
        _ bytes: Slice<UnsafeRawBufferPointer>, of stream: LogLine.Stream, at time: Instant,
        _ now: RunMachine.Moment
    ) -> Bool {
        let last = UnsafeRawBufferPointer(rebasing: bytes)
        var line = UnfinishedLine()
        change(stream) {
            $0.append(last)
            swap(&$0, &line)
        }
        guard !line.isSkipped else {
            budget.miss(1)
            return true
        }
        // The one place where a line gets its priority.
        let classified = classifier.classify(line.bytes, from: stream == .stdout ? .stdout : .stderr)
        guard classified.severity.rawValue <= request.level.rawValue else { return true }
        guard budget.take(at: now) else {
            budget.miss(1)
            return false
        }
        let text = line.bytes.dropFirst(classified.prefixLength)
        if !queue.add(entry(text, classified.severity, stream, time, cut: line.cut)) { budget.miss(1) }
        return true
    }

    private func skip(_ chunk: UnsafeRawBufferPointer, from stream: LogLine.Stream, lines: Int64?) {
        budget.miss(lines ?? Int64(chunk.count { $0 == 0x0A }))
        if let last = chunk.last { change(stream) { $0.skip(isEnded: last == 0x0A) } }
    }

    private func entry(
        _ text: ArraySlice<UInt8>, _ priority: Severity, _ stream: LogLine.Stream, _ time: Instant, cut: Int64
    ) -> JournalFields {
        var fields = request.fields
        fields.add(priority)
        fields.add("CHARON_STREAM", stream.rawValue)
        fields.add("CHARON_TIME", time.rfc3339)
        let clean = TextHygiene.clean(text)
        fields.add("MESSAGE", clean)
        // journalctl shows control characters and invalid UTF-8 as "blob data", so they have a field of their own.
        if !clean.utf8.elementsEqual(text) { fields.add("CHARON_RAW", text) }
        if cut > 0 { fields.add("CHARON_CUT_BYTES", "\(cut)") }
        return fields
    }

    private func pointer(_ missing: Int64) -> JournalFields {
        var fields = request.fields
        fields.add(.linesMissing)
        fields.add(.warning)
        fields.add("CHARON_MISSING_LINES", "\(missing)")
        let count = missing == 1 ? "1 line is" : "\(missing) lines are"
        fields.add("MESSAGE", "\(count) not in the journal" + (request.otherPlace.map { ": \($0)" } ?? ""))
        return fields
    }

    private func change(_ stream: LogLine.Stream, _ change: (inout UnfinishedLine) -> Void) {
        switch stream {
        case .stdout: change(&unfinished.stdout)
        case .stderr: change(&unfinished.stderr)
        }
    }

    private static func newline(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress, let found = memchr(start, 0x0A, bytes.count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
