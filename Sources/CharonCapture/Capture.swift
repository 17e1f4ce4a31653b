import CLinux
import CharonCore
import CharonRuns
import Glibc

/// Runs one command as its supervisor.
package enum Capture {
    /// Starts the command, captures it, and returns when it has ended, with its outcome in the record.
    ///
    /// Needs a process of its own, with one thread and no other children: it takes over every signal, SIGCHLD and the
    /// terminal, and becomes a subreaper. Never throws: what fails is an outcome, and the record's troubles do not
    /// touch the run.
    package static func run(_ request: CaptureRequest) -> CaptureResult {
        var entry = clinux_signals()
        clinux_signals_take(&entry)
        if let record = request.record { RecordLine.reserve(record.supervisor) }
        do {
            var started = try StartedCommand(request, entry: entry)
            if let record = request.record { started.recordStart(record.supervisor) }
            CrashPoint.afterSpawn.reached()
            started.release()
            return RunLoop(started, request).run()
        } catch {
            return notStarted(error, request)
        }
    }

    private static func notStarted(_ failure: StartedCommand.Failure, _ request: CaptureRequest) -> CaptureResult {
        let outcome = RunOutcome.couldNotStart(step: failure.step, errno: failure.errno)
        let ended = SupervisorRecord.Ended(at: .now(), outcome: outcome, exitCode: ExitCode.of(outcome))
        let error = request.record.flatMap { RecordLine.append(.ended(ended), to: $0.supervisor) }
        CrashPoint.afterOutcome.reached()
        return CaptureResult(
            outcome: outcome, exitCode: ended.exitCode, ended: ended, signals: -1,
            complaint: error.map { CharonError(.record, "the outcome of the run could not be recorded: \($0)") })
    }
}

extension StartedCommand {
    /// Writes who runs the command; without that line nobody could later tell a lost run's processes from others.
    fileprivate mutating func recordStart(_ supervisor: Int32) {
        let started = SupervisorRecord.Started(
            boot: Self.bootID(), at: .now(), supervisor: Self.identity(of: getpid()),
            child: Self.identity(of: child.pid), group: child.pid)
        if let error = RecordLine.append(.started(started), to: supervisor) {
            complaint = CharonError(.record, "the start of the run could not be recorded: \(error)")
        }
    }

    private static func identity(of pid: Int32) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTime: clinux_start_time(pid))
    }

    private static func bootID() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 37) { text in
            guard let start = text.baseAddress, clinux_boot_id(start) == 0 else { return "" }
            return String(cString: start)
        }
    }
}
