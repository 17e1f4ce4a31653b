import CLinux
import CharonCore
import CharonRuns
import Glibc

extension RunLoop {
    /// Reaps the command, drains its output without waiting for it, writes the outcome, and leaves the pipes that
    /// descendants still hold to a drainer.
    func finish(_ outcome: RunOutcome) {
        let duration = TimeSpan(milliseconds: (RunMachine.Moment.sinceBoot() - startedAt) / 1_000_000)
        usage.reap(child)
        for index in pumps.indices {
            pumps[index].drain(through: memory, to: writer)
            pumps[index].flushPartial(to: writer)
        }
        flush()
        let outcome = withCause(outcome)
        var ended = SupervisorRecord.Ended(at: .now(), outcome: outcome, exitCode: ExitCode.of(outcome))
        ended.duration = duration
        count(in: &ended)
        ended.holders = holders()
        if let record = request.record { write(.ended(ended), to: record.supervisor) }
        CrashPoint.afterOutcome.reached()
        journal?.flush(isLast: true)
        leavePipes()
        result = CaptureResult(
            outcome: outcome, exitCode: ended.exitCode, ended: ended, signals: interruptions, complaint: complaint)
    }

    /// A failure in a scope whose processes the kernel killed for lack of memory is one of memory.
    private func withCause(_ outcome: RunOutcome) -> RunOutcome {
        guard request.hasScope else { return outcome }
        switch outcome {
        case .exited(code: 0): return outcome
        case .killed(SIGKILL), .exited: break
        default: return outcome
        }
        return MemoryLimit.kills() > killsBefore ? .outOfMemory(code: ExitCode.of(outcome)) : outcome
    }

    private func count(in ended: inout SupervisorRecord.Ended) {
        ended.userTime = usage.user
        ended.systemTime = usage.system
        ended.maxResident = usage.maxResident
        guard let writer else { return }
        ended.outputBytes = writer.fileSize
        ended.lostBytes = writer.lostBytes
        for recorder in pumps.compactMap(\.recorder) {
            switch recorder.stream {
            case .stdout: ended.stdoutLines = recorder.lines
            case .stderr: ended.stderrLines = recorder.lines
            }
        }
    }

    private func holders() -> [String] {
        let inodes = pumps.filter { $0.source >= 0 }.compactMap { ProcessTable.inode(of: $0.source) }
        return inodes.isEmpty ? [] : ProcessTable.holders(ofPipes: inodes, after: child)
    }

    private func write(_ record: SupervisorRecord, to descriptor: Int32) {
        if let error = RecordLine.append(record, to: descriptor) {
            complaint = CharonError(.record, "the outcome of the run could not be recorded: \(error)")
        }
    }

    /// A pipe without a reader would end its writer with SIGPIPE, so somebody reads on.
    private func leavePipes() {
        guard pumps.contains(where: { $0.source >= 0 }) else { return }
        if let error = Drainer.start(pumps, memory, writer, journal, output: request.record?.output) {
            complaint = CharonError(.system, "nobody reads on what descendants of the command write: \(error)")
        }
        for index in pumps.indices { pumps[index].leave() }
    }
}
