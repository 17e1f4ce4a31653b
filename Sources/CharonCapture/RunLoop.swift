import CLinux
import CharonCore
import CharonRuns
import Glibc

/// Performs what `RunMachine` decides for one command: one thread, one poll(2) loop.
final class RunLoop {
    let child: Int32
    let request: CaptureRequest
    let writer: RecordWriter?
    let journal: RunJournal?
    let memory: MappedMemory
    let terminal: Terminal?
    let signals: Int32
    /// What may interrupt whatever follows the run.
    let interruptions: Int32
    private var report: Int32
    private var machine: RunMachine
    private var polls = PollSet(slots: 7)
    private var isLookingAtGroup = false
    private var hasEnded = false
    private var hasWritten = false
    let startedAt = RunMachine.Moment.sinceBoot()
    /// What the kernel had killed in this process' control group before.
    let killsBefore: Int64
    var pumps: [Pump]
    var usage = ResourceUse()
    var result: CaptureResult?
    var complaint: CharonError?

    /// For a command that was just released to its exec; `complaint` is what was wrong before.
    init(_ command: HeldCommand, _ request: CaptureRequest, _ complaint: CharonError?) {
        child = command.child.pid
        killsBefore = request.hasScope ? MemoryLimit.kills() : 0
        report = command.child.report
        signals = command.signals
        interruptions = command.openInterruptions()
        memory = command.memory
        terminal = command.terminal
        let (writer, failure) = Self.writer(for: request.record)
        self.writer = writer
        self.complaint = failure ?? complaint
        let isRecorded = writer != nil
        journal = request.journal.flatMap(RunJournal.init)
        pumps = [
            Self.pump(.stdout, command.output, request, to: STDOUT_FILENO, isRecorded, journal),
            Self.pump(.stderr, command.errors, request, to: STDERR_FILENO, isRecorded, journal),
        ]
        self.request = request
        machine = RunMachine(
            startedAt: .now(), timeout: request.timeout, stopGrace: request.stopGrace, hasTerminal: terminal != nil,
            stopSignal: request.stopSignal, hasScope: request.hasScope)
    }

    private static func writer(for record: CaptureRequest.RecordFiles?) -> (RecordWriter?, CharonError?) {
        guard let record else { return (nil, nil) }
        do {
            return (try RecordWriter(descriptor: record.output), nil)
        } catch {
            return (nil, CharonError(.record, "the output of the run is not recorded: \(error)"))
        }
    }

    private static func pump(
        _ stream: LogLine.Stream, _ source: Int32, _ request: CaptureRequest, to target: Int32, _ isRecorded: Bool,
        _ journal: RunJournal?
    ) -> Pump {
        let leadsToJournal = journal?.isSame(as: target) ?? false
        // Without a record a line that is beyond the journal's budget would be nowhere, so it passes through instead.
        let isPassedOn = request.passThrough && !(leadsToJournal && isRecorded)
        let kept = KeptStream(
            stream, recorder: isRecorded ? LineRecorder(stream) : nil,
            journal: leadsToJournal && isPassedOn ? nil : journal)
        return Pump(
            source: source, target: isPassedOn ? PassThrough(to: target) : nil, kept: kept, request.redaction)
    }

    /// Returns when the command has ended, its record is complete and its output has reached the caller.
    func run() -> CaptureResult {
        // Its SIGCHLD may be gone if it was killed while it was held.
        lookAtChildren()
        while true {
            if let deadline = machine.deadline, deadline <= .now() { tell(.time) }
            if let result, !pumps.contains(where: { $0.wantsOutput >= 0 }) {
                journal?.close()
                return result
            }
            wait()
            if polls.isReady(Slot.report) { readReport() }
            moveOutput()
            if polls.isReady(Slot.signals) { readSignals() }
        }
    }

    private enum Slot {
        static let signals = 0
        static let report = 1
        static let sources = 2
        static let targets = 4
        static let journal = 6
    }

    private func wait() {
        polls.watch(Slot.signals, signals)
        polls.watch(Slot.report, report)
        for index in pumps.indices {
            polls.watch(Slot.sources + index, pumps[index].wantsInput)
            polls.watch(Slot.targets + index, pumps[index].wantsOutput, POLLOUT)
        }
        polls.watch(Slot.journal, journal?.waitsFor ?? -1, POLLOUT)
        let deadlines = pumps.map(\.partialDeadline) + [machine.deadline, journal?.deadline]
        let deadline = deadlines.compactMap(\.self).min()
        polls.wait(until: deadline) {
            memory.empty()
            writer?.rest()
        }
    }

    private func moveOutput() {
        let now = RunMachine.Moment.now()
        for index in pumps.indices {
            if polls.isReady(Slot.targets + index) { pumps[index].resume() }
            if polls.isReady(Slot.sources + index) {
                _ = pumps[index].read(memory.size, through: memory, to: writer)
            }
            pumps[index].flushPartial(to: writer, at: now)
        }
        flush()
    }

    func flush() {
        journal?.flush()
        guard let writer, writer.count > 0 else { return }
        writer.flush()
        if !hasWritten { CrashPoint.afterOutput.reached() }
        hasWritten = true
    }

    // MARK: What happened

    private func tell(_ event: RunMachine.Event) {
        for action in machine.handle(event, at: .now()) { perform(action) }
    }

    private func readReport() {
        guard report >= 0 else { return }
        var failure = clinux_failure()
        let answer = clinux_report(report, &failure)
        guard answer != -EAGAIN else { return }
        close(report)
        report = -1
        if answer == 1 {
            tell(.startFailed(step: HeldCommand.step(of: failure), errno: failure.error))
        } else {
            CrashPoint.afterExec.reached()
        }
    }

    private func readSignals() {
        var sender: pid_t = 0
        while case let signal = clinux_signals_next(signals, &sender), signal > 0 {
            if signal == SIGCHLD {
                lookAtChildren()
            } else {
                tell(sender == 1 ? .signalOfInit(signal) : .signal(signal))
            }
        }
    }

    private func lookAtChildren() {
        var change = clinux_change()
        if !hasEnded, clinux_take_stop(child, &change) == 1 {
            tell(.stopped(by: change.value, canForeground: terminal?.isOurs ?? false))
        }
        if !hasEnded, clinux_peek_end(child, &change) == 1 {
            // What failed before the exec was written before the end.
            readReport()
            hasEnded = true
            tell(.ended(change.kind == clinux_exited ? .exited(change.value) : .killed(change.value)))
        }
        reapOrphans()
        if isLookingAtGroup { lookAtGroup() }
    }

    /// Reaps whatever else has ended; the command itself stays a zombie until the machine says `finish`.
    private func reapOrphans() {
        var change = clinux_change()
        while clinux_peek_end(-1, &change) == 1, result != nil || change.pid != child {
            usage.reap(change.pid)
        }
    }

    private func lookAtGroup() {
        guard !ProcessTable.hasMember(ofGroup: child) else { return }
        isLookingAtGroup = false
        tell(.groupEmpty)
    }

    // MARK: What to do

    private func perform(_ action: RunMachine.Action) {
        switch action {
        case .signalGroup(let signal): kill(-child, signal)
        case .giveTerminal: terminal?.give(to: child)
        case .takeTerminal: terminal?.take(from: child)
        case .stopSelf(let signal): if clinux_stop_self(signal) == 0 { tell(.selfStopIgnored) }
        case .lookAtGroup:
            isLookingAtGroup = true
            lookAtGroup()
        case .finish(let outcome):
            isLookingAtGroup = false
            finish(outcome)
            reapOrphans()
        case .abandonPassThrough: for index in pumps.indices { pumps[index].abandonTarget() }
        }
    }
}
