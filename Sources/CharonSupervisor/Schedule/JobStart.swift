package import CharonCore
package import CharonJobs
package import CharonRuns

/// A run of a job that is to begin now.
package struct JobStart: Hashable, Sendable {
    package let run: RunID
    package let job: Job
    package let mark: JobMark
    /// Charon is not asked whether it may run.
    package var isUngated = false

    package init(run: RunID, job: Job, mark: JobMark) {
        self.run = run
        self.job = job
        self.mark = mark
    }
}

/// How a run of a job ended, as far as what follows it goes.
package enum JobResult: Hashable, Sendable {
    case success
    /// The next attempt may follow.
    case failure
    /// It was not started, or somebody ended it: nothing follows.
    case dropped

    package init(_ outcome: RunOutcome, _ codes: SuccessCodes) {
        switch outcome {
        case .skipped, .stopped: self = .dropped
        case .couldNotStart, .exited, .killed, .outOfMemory, .timedOut, .lost:
            self = codes.isSuccess(outcome) ? .success : .failure
        }
    }
}
