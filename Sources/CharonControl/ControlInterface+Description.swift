extension ControlInterface {
    /// The description of an interface, in Varlink's own language; nil for an unknown one.
    package static func description(of interface: String) -> String? {
        switch interface {
        case name: control
        case service: introspection
        default: nil
        }
    }

    /// What `Begin` and `HandIn` read.
    private static let runParameters = [
        "run: string", "slug: string", "argv: []string", "directory: ?string", "application: ?string",
        "cron_id: ?string", "when_unreachable: ?string", "overlap: ?string", "success_codes: ?string",
        "timeout_ms: ?int", "levels: ?object", "send_level: ?string", "asked_at: ?string", "credentials: ?Credentials",
    ].joined(separator: ",\n  ")

    private static let control = """
        # The control socket of charond, the supervisor of cron jobs.
        interface io.charond.Control

        # What the disk budget took of a run's output before Charon had it.
        type Dropped (lines: int, bytes: int)

        # What all records take of the disk, and the most that they may take: by configuration, and for others' sake.
        type Disk (bytes: int, files: int, most_bytes: int, most_files: int)

        # A run as it is recorded; times are RFC 3339, ids are text. "set_aside": messages that Charon could not take.
        # Of a scheduled run, "attempt" counts from 1, and "due" are the nominal local times that it stands for, such as
        # "2026-03-29T02:30".
        type Run (
          run: string,
          slug: string,
          uid: int,
          asked_at: string,
          ended_at: ?string,
          running: bool,
          delivered: bool,
          execution: ?string,
          outcome: ?object,
          set_aside: ?int,
          dropped: ?Dropped,
          note: ?string,
          attempt: ?int,
          due: ?[]string
        )

        # What a host reports to. "breaker" is "closed" (requests flow), "open" (none goes out before "open_until",
        # then one does) or "probing" (that one is under way). "backlog": ended runs that Charon has not all of.
        type Application (
          name: string,
          url: string,
          reachable: bool,
          backlog: int,
          breaker: string,
          open_until: ?string,
          last_success: ?string,
          last_error: ?(at: string, text: string)
        )

        # A run of which something waits for Charon: "next" is "start", "messages" or "end". "bytes" and "lines" of
        # its output are not acknowledged; "lines" is left out where there are too many to count.
        type Waiting (
          run: string,
          slug: string,
          application: string,
          next: string,
          reason: ?string,
          asked_at: string,
          ended_at: ?string,
          bytes: int,
          lines: ?int,
          set_aside: ?int,
          dropped: ?Dropped
        )

        # What Charon could not take of a run: all of it in numbers, and the first messages one by one. A message stands
        # for the bytes "from" to "to" of output.log; "status" is that of the answer, left out after server errors.
        type SetAsideMessage (
          from: int,
          to: int,
          level: string,
          lines: int,
          status: ?int,
          reason: string,
          at: string
        )

        type SetAsideRun (
          run: string,
          slug: string,
          application: string,
          asked_at: string,
          delivered: bool,
          count: int,
          lines: int,
          bytes: int,
          messages: []SetAsideMessage
        )

        # One call to Charon and what was made of its answer. "body" is the beginning of the answer's body, control
        # characters escaped, and "body_bytes" the length of all of it that was read. "understood" is "yes", "no",
        # "not registered", "unauthorized" or "no answer"; of a start "started", of a message or an end "accepted",
        # "not found" or "refused". "rule" is what it was understood by, "id" the id that the answer names.
        type ProbeStep (
          call: string,
          request: string,
          status: ?int,
          content_type: ?string,
          body: ?string,
          body_bytes: ?int,
          understood: string,
          rule: ?string,
          id: ?string,
          reason: ?string,
          duration_ms: int
        )

        # A line of output, or the next "partial" piece of a long one, and the byte of output.log where it begins.
        # "bytes" stands for a text that is no UTF-8, with one character of U+0000 to U+00FF for each byte. With
        # "dropped" it stands in the place of what the disk budget took; how many lines that were is not always known.
        type Line (
          offset: int,
          at: ?string,
          stream: ?string,
          level: ?string,
          text: ?string,
          bytes: ?string,
          partial: ?bool,
          dropped: ?(bytes: int, lines: ?int)
        )

        # What was asked for when a run began.
        type Asked (
          argv: []string,
          directory: string,
          host: string,
          cron_id: ?string,
          when_unreachable: string,
          when_unregistered: string,
          when_uncertain: string,
          overlap: string,
          success_codes: string,
          timeout_ms: ?int
        )

        # How a run ended and what it cost; "holders" still had its output open then.
        type Ended (
          at: ?string,
          outcome: ?object,
          exit_code: ?int,
          duration_ms: ?int,
          user_ms: ?int,
          system_ms: ?int,
          max_resident_kib: ?int,
          stdout_lines: ?int,
          stderr_lines: ?int,
          output_bytes: ?int,
          lost_bytes: ?int,
          holders: ?[]string
        )

        # How far a run's delivery is. "gate" is what can-start said, "start" how far the execution's start came.
        type Delivery (
          gate: ?string,
          start: ?string,
          late: ?bool,
          execution: ?string,
          cron_id: ?string,
          delivered: bool,
          end: ?string,
          messages: ?int,
          lines: ?int,
          waiting_bytes: ?int,
          note: ?string,
          set_aside: ?int,
          set_aside_messages: ?[]SetAsideMessage
        )

        # Where a private daemon reports to; a system daemon refuses it and uses its own configuration.
        type Credentials (url: string, key: string)

        # Asks Charon whether a run may start and starts its execution. With "more", waiting runs are told so each
        # second. A reply with the decision "run" carries two descriptors: the supervisor file, locked, and the output.
        # It names the application that the run is reported to, and the execution if Charon gave one.
        method Begin(
          \(runParameters)
        ) -> (state: string, reason: ?string, exit_code: ?int, application: ?string, execution: ?string)

        # Takes over the record of a run that was begun while the daemon did not answer. The call carries two
        # descriptors: the supervisor file and the output, both complete. The parameters are those of Begin, and
        # members of the run's own record that are not read.
        method HandIn(
          \(runParameters)
        ) -> ()

        # Answers when Charon has acknowledged the end of a run, or the daemon has given it up.
        method AwaitDelivery(run: string, slug: string) -> (delivered: bool)

        # The runs that the caller may read, the newest last: the newest "limit" of them (200 if left out, at most
        # 1000), or of those before the run "before". "more": there are earlier ones. "since": those that had not ended at
        # that time; "failed": those that ended as a failure.
        method List(
          slug: ?string,
          failed: ?bool,
          since: ?string,
          limit: ?int,
          before: ?string
        ) -> (runs: []Run, more: bool)

        # All that is recorded of one run; "path" is where. Of one that is not "kept" any more, or was skipped, the
        # history has less.
        method GetRun(run: string) -> (
          run: string,
          slug: string,
          application: ?string,
          uid: int,
          asked_at: string,
          running: bool,
          kept: bool,
          path: ?string,
          asked: ?Asked,
          started: ?(at: string, pid: int, supervisor: int),
          ended: ?Ended,
          output: ?(bytes: int, allocated: int, dropped: ?Dropped),
          delivery: ?Delivery,
          attempt: ?int,
          due: ?[]string
        )

        # What a run has written, from the byte "from" of its output on (0 if left out), as much as fits into a reply.
        # "next" is where to go on; "more": there is more already. "level": the lines of that level or a graver one.
        # When "ended", no more comes than there is; what is not "kept" is gone for good.
        method Logs(run: string, from: ?int, stream: ?string, level: ?string, since: ?string) -> (
          slug: string,
          lines: []Line,
          next: int,
          more: bool,
          ended: bool,
          kept: bool,
          outcome: ?object
        )

        # The disk and the applications, in the order of their names, are for root, and for the user of a private daemon. "more":
        # there are others, to be had with the last name as "after". Of the jobs of job files, "scheduled" are enabled
        # and have a schedule, "paused_jobs" are paused by themselves or with all, "next" is the one that is due next.
        method GetStatus(after: ?string) -> (
          version: string,
          private: bool,
          active: int,
          disk: ?Disk,
          applications: []Application,
          more: bool,
          jobs: ?int,
          scheduled: ?int,
          paused_jobs: ?int,
          next: ?(slug: string, at: string),
          draining: ?bool,
          pid: ?int
        )

        # What waits for Charon of the runs that the caller may read, the oldest first: the first "limit" of them (200
        # if left out, at most 1000), or of those after the run "after". "more": there may be later ones.
        method Outbox(limit: ?int, after: ?string) -> (runs: []Waiting, more: bool)

        # The runs of which something is set aside, delivered ones too, in pages as those of Outbox.
        method SetAside(limit: ?int, after: ?string) -> (runs: []SetAsideRun, more: bool)

        # Has what waits go out now: of all runs, of those of one application, or of one run, of which what was set
        # aside is sent again too, under its first key. "waiting" runs were told, "sent" messages taken, "refused" ones
        # refused again; "reason" is why not all were taken. For root, and for the user of a private daemon.
        method Retry(run: ?string, application: ?string) -> (waiting: int, sent: int, refused: int, reason: ?string)

        # Gives up what Charon has not taken of a run, and what was set aside of it. For the same users.
        method Drop(run: string) -> (waiting: int, sent: int, refused: int, reason: ?string)

        # Asks Charon whether a cron may start, past the breaker, and tells what came back. With "execute" it goes on:
        # it starts an execution, sends one message and ends it; a call that fails is the last one. "result" is "yes",
        # "no" or "no answer". "cron_id" is what start takes, "cron_id_from" is "given", "answer" or "slug". Addresses
        # are for root, and for the user of a private daemon.
        method Probe(slug: string, application: ?string, cron_id: ?string, execute: ?bool) -> (
          application: string,
          result: string,
          cron_id: ?string,
          cron_id_from: ?string,
          execution: ?string,
          steps: []ProbeStep
        )

        error PermissionDenied (reason: string)
        error Busy (reason: string)
        error RecordFailed (reason: string)
        error NoSuchRun ()

        \(jobs)
        """

    private static let introspection = """
        # The Varlink service interface.
        interface org.varlink.service

        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        """
}
