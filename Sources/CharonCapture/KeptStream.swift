import CharonCore
import CharonRuns
import Glibc

/// What is kept of one stream of the command, once it is redacted: in the record and the journal.
struct KeptStream {
    let recorder: LineRecorder?
    private let stream: LogLine.Stream
    private let journal: RunJournal?
    private var lastRead: RunMachine.Moment = 0
    /// Since when bytes without a newline wait in the recorder.
    private var partialSince: RunMachine.Moment?

    /// A text without newline is recorded when its stream has been idle for so long.
    private static let longestIdle = RunMachine.Moment.milliseconds(250)
    /// And when it has gone on for so long, as progress bars do.
    private static let longestPartial = RunMachine.Moment.milliseconds(1000)

    init(_ stream: LogLine.Stream, recorder: LineRecorder?, journal: RunJournal?) {
        self.stream = stream
        self.recorder = recorder
        self.journal = journal
    }

    /// Whether there is anywhere to keep it.
    var isKept: Bool { recorder != nil || journal != nil }

    /// Takes bytes that were read at `time`.
    mutating func take(_ bytes: UnsafeRawBufferPointer, readAt time: Instant, to writer: RecordWriter?) {
        var lines: Int64?
        if let recorder, let writer {
            let before = recorder.completeLines
            recorder.record(bytes, at: time, into: writer)
            lines = recorder.completeLines - before
            lastRead = .now()
            if !recorder.hasPartial {
                partialSince = nil
            } else if partialSince == nil || recorder.completeLines != before {
                partialSince = lastRead
            }
        }
        journal?.take(bytes, from: stream, lines: lines, at: time)
    }

    /// Ends the stream.
    mutating func finish(to writer: RecordWriter?) {
        if let recorder, let writer { recorder.finish(into: writer) }
        journal?.finish(stream)
        partialSince = nil
    }

    /// When a waiting partial line is due to be recorded.
    var partialDeadline: RunMachine.Moment? {
        partialSince.map { min(lastRead + Self.longestIdle, $0 + Self.longestPartial) }
    }

    /// Records a partial line if it is due at `now`, or in any case without one.
    mutating func flushPartial(to writer: RecordWriter?, at now: RunMachine.Moment? = nil) {
        guard let recorder, let writer, let due = partialDeadline, now.map({ $0 >= due }) ?? true else { return }
        recorder.flushPartial(into: writer)
        partialSince = nil
    }
}
