import CharonCore
import CharonLevels

/// The keys of a job: what decodes a job file, makes its JSON Schema and documents it.
enum JobKeys {
    static let all = when + what + surroundings + bounds + charon + output

    /// Those that `defaults` of `charon.yaml` may have.
    static let defaults = all.filter(\.description.isInDefaults)

    /// When a job runs.
    static let when: [Key<JobDraft>] = [
        Key(
            "schedule",
            "When the job is due: a cron expression of five fields or six (seconds first), @hourly and the like, @reboot, "
                + "@every TIME; or a list of such, of which any counts.",
            .schedules, into: \.schedules, fallback: "none: the job is started by hand only",
            good: "[\"15 3 * * MON-FRI\", \"@reboot\"]", bad: "[\"15 3 * * *\", \"15 ›25 * * *\"]", isInDefaults: false),
        Key(
            "timezone", "Whose clock the schedules go by: a zone of tzdata. The job's TZ is not changed by it.", .zone,
            into: \.timezone, fallback: "the zone of the host", good: "Europe/Paris", bad: "Paris time"),
        Key(
            "enabled", "Whether the schedules count. A job that is not enabled can be started by hand.", .bool,
            into: \.isEnabled, fallback: "true", good: "false", bad: "sometimes"),
        Key(
            "spread",
            "Puts each start off by a part of this time, always the same one for this host and job, so that many hosts "
                + "do not start at once.", .timeSpan, into: \.options.spread, fallback: "0", good: "10min",
            bad: "10 minutes"),
        Key(
            "overlap",
            "What a due time does while an earlier run goes on: skip it, queue it (one waits at most), or allow both.",
            .choice, into: \.options.overlap, fallback: "skip", good: "queue", bad: "wait"),
        Key(
            "catch_up",
            "Which of the times that the daemon missed are made up for: none, once (one run for all of them) or all.",
            .mapping(CatchUp.keys, CatchUp(), orJust: .choice, \.missed), into: \.options.catchUp, fallback: "none",
            good: "{missed: once, look_back: 12h}", bad: "{missed: ›twice}"),
        Key(
            "start_deadline", "A start that would be later than this, for whatever reason, is skipped.",
            .timeSpanAboveZero, into: \.options.startDeadline, fallback: "none", good: "5min", bad: "0"),
        Key(
            "retries",
            "How many further attempts follow a failed one, each a run of its own: a number, or a mapping with the "
                + "delays between them.", .mapping(Retries.keys, Retries(), orJust: .integer(0...100), \.count),
            into: \.options.retries, fallback: "0", good: "{count: 3, delay: 30s, multiplier: 2, max_delay: 10min}",
            bad: "{count: ›many}"),
    ]

    /// What is run, and by whom.
    static let what: [Key<JobDraft>] = [
        Key(
            "command",
            "What is run (required): a list is a program with its arguments, a text goes to /bin/sh -c.", .command,
            into: \.command, fallback: "none", good: "[/usr/bin/php, /srv/shop/cron/orders.php, --all]", bad: "[]",
            isInDefaults: false),
        Key(
            "user",
            "The user whose rights the job has, by name or number. Required in a job of the host's daemon, here or in "
                + "its defaults: no job becomes root's by itself.", .account("user"), into: \.user, fallback: "none",
            good: "www-data", bad: "\"www data\""),
        Key(
            "group", "The job's primary group, by name or number. The user's other groups are added as at a login.",
            .account("group"), into: \.group, fallback: "the user's own", good: "adm", bad: "\"adm:adm\""),
        Key(
            "application", "The application of charon.yaml that the cron belongs to.", .application,
            into: \.options.application, fallback: "default_application of charon.yaml", good: "shop", bad: "my shop"),
        Key(
            "cron_id", "The cron's id for the call of start, where Charon's answer does not give it.",
            .text("text", rule: "an id that Charon gave", pattern: "\\S") { CronID($0) }, into: \.cronID,
            fallback: "none",
            good: "\"4711\"", bad: "\"\"", isInDefaults: false),
    ]

    /// The surroundings of the process.
    static let surroundings: [Key<JobDraft>] = [
        Key(
            "directory", "The working directory, entered with the user's rights.", .path(), into: \.options.directory,
            fallback: "the user's home", good: "/srv/shop", bad: "shop"),
        Key(
            "environment",
            "Variables on top of cron's own (HOME, LOGNAME, USER, SHELL=/bin/sh, PATH=/usr/bin:/bin, and TZ if the "
                + "daemon has it). They go before environment_files; those of defaults are added to. Secrets belong "
                + "into environment_files.", .environment, into: \.addedEnvironment, fallback: "none",
            good: "{APP_ENV: prod, PATH: \"/usr/local/bin:/usr/bin:/bin\"}", bad: "{›APP-ENV: prod}"),
        Key(
            "environment_files",
            "Files of variables as systemd.exec(5) has them (EnvironmentFile=), read by the daemon at each start; one "
                + "with a '-' before it may be missing.",
            .oneOrMany("absolute path", rule: EnvironmentFile.rule, pattern: "^-?/", most: 100) { EnvironmentFile($0) },
            into: \.options.environmentFiles, fallback: "none", good: "[/etc/shop/cron.env, -/etc/shop/local.env]",
            bad: "[/etc/shop/cron.env, ›local.env]"),
        Key(
            "umask", "The bits that new files do not get.", .umask, into: \.options.umask, fallback: "022",
            good: "\"027\"",
            bad: "rwx"),
        Key(
            "nice", "The scheduling priority, from -20 (the most favoured) to 19.", .integer(-20...19),
            into: \.options.nice, fallback: "0", good: "10", bad: "20"),
        Key(
            "io_priority", "The I/O class and priority (ioprio_set(2)), from 0 (the most favoured) to 7.",
            .text("class", rule: IOPriority.rule, pattern: "^(idle|(best-effort|realtime):[0-7])$") { IOPriority($0) },
            into: \.options.ioPriority, fallback: "what follows from nice", good: "best-effort:6", bad: "low"),
    ]

    /// What a run may take.
    static let bounds: [Key<JobDraft>] = [
        Key(
            "limits",
            "Limits of each process (setrlimit(2)) and, where there are control groups, of the whole run: memory, tasks, "
                + "cpu.", .mapping(JobLimits.keys, JobLimits()), into: \.options.limits,
            fallback: "those of the daemon",
            good: "{open_files: 4096, memory: 512M, cpu: 150%}", bad: "{memory: ›lots}"),
        Key(
            "timeout", "How long a run may take; then it is stopped.", .timeSpanAboveZero, into: \.options.timeout,
            fallback: "none", good: "1h30m", bad: "soon"),
        Key(
            "stop_signal", "The signal that tells a run to end.",
            .text(
                "signal", rule: "one of \(SignalName.names.joined(separator: ", ")), with or without SIG",
                pattern: "^(SIG)?(\(SignalName.names.joined(separator: "|")))$"
            ) { SignalName($0) },
            into: \.options.stopSignal, fallback: "SIGTERM", good: "SIGINT", bad: "SIGSEGV"),
        Key(
            "stop_grace", "The time between this signal and SIGKILL.", .timeSpan, into: \.options.stopGrace,
            fallback: "10s", good: "1min", bad: "-1"),
        Key(
            "success_codes", "The exit codes that are no failure: numbers and ranges.", .successCodes,
            into: \.options.successCodes, fallback: "0", good: "[0, 3, 10-12]", bad: "[0, ›256]"),
    ]

    /// What Charon's answers mean.
    static let charon: [Key<JobDraft>] = [
        Key(
            "when_unreachable",
            "What happens when Charon gives no answer: last (as it last answered in the last seven days, else run), run "
                + "or skip.", .choice, into: \.options.whenUnreachable, fallback: "when_unreachable of charon.yaml",
            good: "skip", bad: "stop"),
        Key(
            "when_unknown", "What happens when Charon does not know the cron: run or skip.", .choice,
            into: \.options.whenUnknown, fallback: "when_unknown of charon.yaml", good: "skip", bad: "last"),
        Key(
            "uncertain_start",
            "What happens to a start that was sent and not answered: again (it is repeated, and the first message says "
                + "that there may be a second execution) or never.", .choice, into: \.options.uncertainStart,
            fallback: "uncertain_start of charon.yaml", good: "never", bad: "always"),
    ]

    /// What becomes of the output.
    static let output: [Key<JobDraft>] = [
        Key(
            "levels",
            "Which level a line has: rules of one's own, what is recognised without one, the levels of the "
                + "streams.", .mapping(LevelRules.keys, LevelRules()), into: \.options.levels,
            fallback: "every preset, no rules", good: "{rules: [\"error:contains:no space left\"], stderr: info}",
            bad: "{stderr: ›debug}"),
        Key(
            "send_level", "The mildest level that goes to Charon: info, success, warning or error.", .choice,
            into: \.options.sendLevel, fallback: "info", good: "warning", bad: "notice"),
        Key(
            "journal_level", "The mildest severity that goes to the journal, or none.", .journalLevel,
            into: \.options.journalLevel, fallback: "info", good: "warning", bad: "verbose"),
        Key(
            "redact",
            "Globs whose wildcards match what is hidden in the record, the journal and Charon's messages, besides the "
                + "secrets that are known.",
            .oneOrMany("glob", rule: RedactionGlob.rule, most: 100) { try? RedactionGlob($0.utf8) },
            into: \.options.redactions, fallback: "none", good: "[\"token=*\", \"session [0-9a-f]*\"]",
            bad: "[\"token=*\", ›\"*\"]"),
        Key(
            "keep", "How long delivered runs keep their record and output on this host.",
            .mapping(Settings.Keep.keys, Settings.Keep()), into: \.options.keep, fallback: "keep of charon.yaml",
            good: "{runs: 10, for: 30d}", bad: "{runs: ›all}"),
    ]
}
