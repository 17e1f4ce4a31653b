extension ControlInterface {
    /// The part of the description that is about the jobs of job files: their types, methods and errors.
    static let jobs = """
        # Since when nothing is started by schedule, until when (without: until Resume), why, and by whose order.
        type Paused (since: string, until: ?string, reason: ?string, uid: int)

        # The run of a job that ended last, by what it counts as: "success" goes by its success codes.
        type LastRun (run: string, at: string, outcome: ?object, success: ?bool)

        # A job as the daemon has it. "source" is its file:line. "next" is when it is due next, "retry_at" when a run
        # that failed is tried again. "queued": a due time waits for the run before it. "removed": its file no longer
        # has it, and it stays until its run has ended. "problem": its file has a newer definition that is refused; this
        # one, the last good, stands.
        type Job (
          slug: string,
          source: string,
          enabled: bool,
          schedules: []string,
          timezone: ?string,
          user: ?string,
          next: ?string,
          paused: ?Paused,
          running: int,
          queued: bool,
          retry_at: ?string,
          removed: ?bool,
          problem: ?string,
          last: ?LastRun
        )

        # The jobs that the caller may read, in the order of their slugs: the first "limit" of them (200 if left out, at
        # most 1000), or of those after the slug "after". "more": there are others. "paused" is the pause of all jobs;
        # "draining": nothing is started by schedule any more until Resume or a restart.
        method Jobs(after: ?string, limit: ?int) -> (jobs: []Job, more: bool, paused: ?Paused, draining: bool)

        # All of one job. "words" says each schedule in words, "next" the next five times, RFC 3339 with the offset of
        # "zone". "usual_ms" is the median duration of the last successes; "runs" are its last runs, the newest last.
        # "catch_up" and "overlap" are as in the job file. "charon" is what Charon said last of its own switch.
        method GetJob(slug: string) -> (
          job: Job,
          zone: string,
          words: []string,
          next: []string,
          command: []string,
          application: ?string,
          directory: ?string,
          timeout_ms: ?int,
          overlap: string,
          retries: int,
          spread_ms: ?int,
          catch_up: string,
          start_deadline_ms: ?int,
          usual_ms: ?int,
          charon: ?(active: bool, at: string),
          runs: []Run
        )

        # Starts a run of a job now, whether it is enabled or paused or not; "ungated": without asking Charon, too.
        # "state" is "run" or "skip", and then "reason" says why, as in the outcome of a run that was skipped.
        method Start(slug: string, ungated: ?bool) -> (
          run: ?string,
          state: string,
          reason: ?string,
          execution: ?string
        )

        # Sends a run its job's stop signal, and SIGKILL after its grace. It answers at once: GetRun tells the end.
        method Stop(run: string) -> ()

        # Has nothing of a job, or without "slug" of any job, started by schedule any more, until Resume or the time
        # "until". It survives a restart; a pause of all jobs stands beside those of single ones. "jobs": how many it
        # concerns. A run under way goes on.
        method Pause(slug: ?string, until: ?string, reason: ?string) -> (jobs: int)

        # Ends the pause of a job, or without "slug" that of all jobs and what Drain began; "jobs": how many can be
        # started by schedule again.
        method Resume(slug: ?string) -> (jobs: int)

        # Reads the job files again. "kept": slugs whose new definition is refused, so that the last good one stays.
        # "problems" and "notices" are lines "file:line:column: text". A list is cut at 1000: "more". For root, and for
        # the user of a private daemon.
        method Reload() -> (
          jobs: int,
          added: []string,
          changed: []string,
          removed: []string,
          kept: []string,
          problems: []string,
          notices: []string,
          more: bool
        )

        # Has nothing started by schedule any more, until Resume or a restart, and answers how many runs are under way
        # and how many wait to begin. With "more" it answers each second, the last time when there are none. For root,
        # and for the user of a private daemon.
        method Drain() -> (running: int, waiting: int)

        error NoSuchJob (slug: string)
        error NotRunning (reason: string)
        """
}
