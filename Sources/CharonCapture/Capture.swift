import CLinux
import CharonCore
import CharonRuns
import Glibc

/// Runs one command as its supervisor.
package enum Capture {
    /// Runs the command, captures it, and returns when it has ended, with its outcome in the record.
    ///
    /// `held` is what came of forking it, made here if it is nil. Needs a process of its own, with one thread and no other
    /// children: it takes over every signal, SIGCHLD and the terminal, and becomes a subreaper. Never throws: what fails
    /// is an outcome, and the record's troubles do not touch the run.
    package static func run(_ request: CaptureRequest, _ held: HeldCommand? = nil) -> CaptureResult {
        do throws(HeldCommand.Failure) {
            var command = if let held { held } else { try HeldCommand(request) }
            let refusal = clinux_become_subreaper()
            guard refusal == 0 else {
                command.abandon()
                throw HeldCommand.Failure(step: "prctl", errno: refusal)
            }
            var complaint: CharonError?
            if let supervisor = request.record?.supervisor {
                // Without that line nobody could later tell a lost run's processes from others.
                complaint = RecordLine.append(.started(command.started(at: .now())), to: supervisor).map {
                    CharonError(.record, "the start of the run could not be recorded: \($0)")
                }
            }
            CrashPoint.afterSpawn.reached()
            command.release()
            return RunLoop(command, request, complaint).run()
        } catch {
            return notStarted(error, request)
        }
    }

    private static func notStarted(_ failure: HeldCommand.Failure, _ request: CaptureRequest) -> CaptureResult {
        let outcome = RunOutcome.couldNotStart(step: failure.step, errno: failure.errno)
        let ended = SupervisorRecord.Ended(at: .now(), outcome: outcome, exitCode: ExitCode.of(outcome))
        var error: SystemError?
        WriteSignals.withheld {
            error = request.record.flatMap { RecordLine.append(.ended(ended), to: $0.supervisor) }
        }
        CrashPoint.afterOutcome.reached()
        return CaptureResult(
            outcome: outcome, exitCode: ended.exitCode, ended: ended, signals: -1,
            complaint: error.map { CharonError(.record, "the outcome of the run could not be recorded: \($0)") })
    }
}
