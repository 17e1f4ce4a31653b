import CLinux
import CharonCore
import CharonLevels
import CharonRuns
import Glibc

/// Moves one stream of the command from its pipe into the record, the journal and to the caller.
///
/// Only the caller gets it as it is: whatever is kept has passed through the redactor.
struct Pump {
    /// The read end of the pipe; -1 after its end.
    private(set) var source: Int32
    private(set) var target: PassThrough?
    private var redactor: Redactor
    private var kept: KeptStream

    init(source: Int32, target: PassThrough?, kept: KeptStream, _ rules: RedactionRules) {
        self.source = source
        self.target = target
        self.kept = kept
        redactor = Redactor(rules)
    }

    var recorder: LineRecorder? { kept.recorder }

    enum Progress: Equatable {
        case read(Int), nothing, end
    }

    /// The descriptor to poll for POLLIN: none while the reader of the pass-through is slow.
    var wantsInput: Int32 { target?.isWaiting == true ? -1 : source }

    /// The descriptor to poll for POLLOUT.
    var wantsOutput: Int32 { target?.waitsFor ?? -1 }

    /// Reads once, at most `limit` bytes, into `memory`, and hands them on.
    mutating func read(_ limit: Int, through memory: MappedMemory, to writer: RecordWriter?) -> Progress {
        guard source >= 0 else { return .end }
        let count = Glibc.read(source, memory.start, min(limit, memory.size))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return .nothing }
            close(to: writer)
            return .end
        }
        let bytes = UnsafeRawBufferPointer(start: memory.start, count: count)
        if kept.isKept {
            let time = Instant.now()
            redactor.redact(bytes) { kept.take($0, readAt: time, to: writer) }
        }
        target?.write(bytes)
        return .read(count)
    }

    /// Reads what is in the pipe now and no more, however much a descendant goes on to write.
    mutating func drain(through memory: MappedMemory, to writer: RecordWriter?) {
        var waiting: Int32 = 0
        guard source >= 0, ioctl(source, UInt(FIONREAD), &waiting) == 0 else { return }
        var rest = Int(waiting)
        while rest > 0, case .read(let count) = read(rest, through: memory, to: writer) { rest -= count }
        // With no writer left the rest has an end.
        if isHungUp { while case .read = read(memory.size, through: memory, to: writer) {} }
    }

    /// Writes more of what the reader of the pass-through had no room for.
    mutating func resume() { target?.resume() }

    /// Ends the pass-through.
    mutating func abandonTarget() {
        target?.abandon()
        target = nil
    }

    /// For a process that does not have the target.
    mutating func forgetTarget() { target = nil }

    /// When a waiting partial line is due to be recorded.
    var partialDeadline: RunMachine.Moment? { kept.partialDeadline }

    /// Records a partial line if it is due at `now`, or in any case without one.
    mutating func flushPartial(to writer: RecordWriter?, at now: RunMachine.Moment? = nil) {
        kept.flushPartial(to: writer, at: now)
    }

    /// Gives up the read end without an end of the stream.
    mutating func leave() {
        if source >= 0 { Glibc.close(source) }
        source = -1
    }

    private var isHungUp: Bool {
        var state = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 1 && Int32(state.revents) & POLLHUP != 0
    }

    private mutating func close(to writer: RecordWriter?) {
        // What was held back is no secret, as it ends here.
        let time = Instant.now()
        redactor.finish { kept.take($0, readAt: time, to: writer) }
        kept.finish(to: writer)
        leave()
    }
}
