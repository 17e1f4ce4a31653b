package import CharonCore
package import CharonLevels
package import CharonRuns
import Glibc

/// What to run, and what to do with its output.
package struct CaptureRequest {
    /// The command and its arguments, as raw bytes without NUL; at least one.
    package var command: [[UInt8]]
    /// The command's environment, `NAME=value` as raw bytes without NUL; see `ChildEnvironment`.
    package var environment: [[UInt8]]
    /// What the command's process takes on before its exec; nil for what it has from the caller.
    package var setup: ChildSetup?
    /// Whether the output reaches the caller's descriptors 1 and 2.
    package var passThrough = true
    /// How long the command may run; nil for as long as it likes.
    package var timeout: TimeSpan?
    /// How long it has between SIGTERM and SIGKILL.
    package var stopGrace = CaptureRequest.usualStopGrace
    /// What tells the command to end.
    package var stopSignal = SIGTERM
    /// The run has a scope of the service manager, all of whose processes that signals when it stops.
    package var hasScope = false
    /// The open files of the run's record; nil for a run without record.
    package var record: RecordFiles?
    /// How the output goes to the journal; nil if it does not.
    package var journal: JournalRequest?
    /// What is hidden in the record and the journal; what passes through stays as it is.
    package var redaction = RedactionRules()

    package static let usualStopGrace = TimeSpan.seconds(10)

    package init(command: [[UInt8]], environment: [[UInt8]]) {
        self.command = command
        self.environment = environment
    }

    /// Descriptors of the two files that the supervisor of a run writes, both open for appending.
    package struct RecordFiles: Hashable, Sendable {
        package var supervisor: Int32
        package var output: Int32

        package init(supervisor: Int32, output: Int32) {
            self.supervisor = supervisor
            self.output = output
        }
    }
}

/// How a captured run ended.
package struct CaptureResult: Sendable {
    package var outcome: RunOutcome
    /// What charon-run exits with.
    package var exitCode: Int32
    /// What the record says; without a record nothing was counted in it.
    package var ended: SupervisorRecord.Ended
    /// The signalfd(2) of the supervisor, whose signals stay blocked: what is waited for after the run can end with it.
    ///
    /// -1 if the command could not be started.
    package var signals: Int32
    /// What was wrong with the supervision itself, for one line on standard error; nil for nothing.
    package var complaint: CharonError?
}
