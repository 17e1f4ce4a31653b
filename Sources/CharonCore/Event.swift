/// What an operator can look for in a log, whatever words tell it; the journal has a message id for each (`messageID`).
package enum Event: String, Hashable, Sendable, CaseIterable {
    /// A caller asked for a run.
    case begun
    /// The command of a run does not start.
    case skipped
    /// A run's command may start, and Charon has an execution of it.
    case started
    /// A run's command starts without an answer of Charon.
    case ungated
    /// Charon does not know the cron.
    case notRegistered = "not-registered"
    /// A run ended with success.
    case ended
    /// A run's command failed, or could not be started.
    case failed
    /// A run was ended by its timeout.
    case timedOut = "timed-out"
    /// A run was ended by a signal to its supervisor.
    case stopped
    /// A run's supervisor died before it could tell how the command ended.
    case lost
    /// A run that was begun while the daemon did not answer was taken over.
    case handedIn = "handed-in"
    /// Something of a run could not be reported to Charon yet.
    case delayed
    /// Charon could not take a message of a run.
    case setAside = "set-aside"
    /// An operator gave up what waited for Charon.
    case givenUp = "given-up"
    /// The disk budget took output that Charon did not have.
    case outputDropped = "output-dropped"
    /// The records take more than the disk budget, and nothing more may go.
    case diskFull = "disk-full"
    /// A record could not be made, written or read.
    case recordFailed = "record-failed"
    /// An application of Charon does not answer; the breaker is open.
    case unreachable
    /// An application of Charon answers again.
    case recovered
    /// Charon refuses an application's key.
    case keyRefused = "key-refused"
    /// Lines of a run are in its record and not in the journal.
    case linesMissing = "lines-missing"
}
