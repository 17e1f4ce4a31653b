package import CharonCore
package import CharonLevels

/// How a job is run and reported: what many jobs have in common.
package struct JobOptions: Hashable, Sendable {
    /// `application`: of `charon.yaml`; nil for the default one.
    package var application: String?
    /// `directory`: entered after the privileges are dropped; nil for the user's home.
    package var directory: String?
    /// `environment_files`: read at each start, in this order; `environment` goes before them.
    package var environmentFiles: [EnvironmentFile] = []
    /// `umask`: the bits that new files do not get.
    package var umask: UInt32 = 0o022
    /// `nice`: from -20, the most favoured, to 19.
    package var nice = 0
    /// `io_priority`: nil for the one that follows from `nice` (ioprio_set(2)).
    package var ioPriority: IOPriority?
    /// `limits`: those of setrlimit(2) and of the control group.
    package var limits = JobLimits()
    /// `timeout`: how long a run may take; nil for any time.
    package var timeout: TimeSpan?
    /// `stop_signal`: what ends a run that has to stop.
    package var stopSignal = SignalName.terminate
    /// `stop_grace`: the time between it and SIGKILL.
    package var stopGrace = TimeSpan.seconds(10)
    /// `overlap`: what a due time does while an earlier run goes on.
    package var overlap = JobOverlap.skip
    /// `retries`: what follows a failure.
    package var retries = Retries()
    /// `spread`: the start is put off by a share of this time that is always the same on this host.
    package var spread = TimeSpan.seconds(0)
    /// `catch_up`: what happens with due times at which the daemon was away.
    package var catchUp = CatchUp()
    /// `start_deadline`: a start that is later than this is skipped; nil for none.
    package var startDeadline: TimeSpan?
    /// `success_codes`: the exit codes that are no failure.
    package var successCodes = SuccessCodes.zero
    /// `when_unreachable`: what happens when Charon gives no answer; nil for what `charon.yaml` says.
    package var whenUnreachable: WhenUnreachable?
    /// `when_unknown`: what happens when Charon does not know the cron; nil for what `charon.yaml` says.
    package var whenUnknown: WhenUnregistered?
    /// `uncertain_start`: what happens to a start without an answer; nil for what `charon.yaml` says.
    package var uncertainStart: WhenUncertain?
    /// `levels`: which level a line has.
    package var levels = LevelRules()
    /// `send_level`: the mildest level that goes to Charon.
    package var sendLevel = Level.info
    /// `journal_level`: the mildest severity that goes to the journal; nil for nothing at all.
    package var journalLevel: Severity? = .info
    /// `redact`: what is hidden in record and journal, besides the secrets that are known.
    package var redactions: [RedactionGlob] = []
    /// `keep`: how long the output of delivered runs stays; nil for what `charon.yaml` says.
    package var keep: Settings.Keep?

    /// The defaults.
    package init() {}
}
