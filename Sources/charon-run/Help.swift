/// The texts of `--help` and `--version`.
enum Help {
    static let version = "charon-run 0.1.0"

    static let text = """
        Usage: charon-run [OPTION...] SLUG -- COMMAND [ARG...]

        Asks Charon whether the cron SLUG may run, runs COMMAND, reports its lines and its end, and exits with
        COMMAND's exit code. Output, standard input and signals pass through.

        Options (a value follows as --option VALUE or --option=VALUE):
          --application NAME     the application of charon.yaml that the cron belongs to; the default one if left out
          --cron-id ID           the cron's id for the call of start, where Charon's answer does not give it
          --timeout TIME         end COMMAND after this time: the stop signal, then SIGKILL after the stop grace
          --stop-signal NAME     what tells COMMAND to end: TERM (the default), INT, HUP, QUIT, USR1, USR2, KILL
          --stop-grace TIME      time between the stop signal and SIGKILL (default: 10s)
          --success-codes LIST   exit codes that count as success, as in 0,3,10-12 (default: 0)
          --when-unreachable last|run|skip
                                 what to do when Charon gives no answer: as it last answered in the last 7 days, else
                                 run (last, the default); run; skip
          --overlap allow|skip|wait
                                 what to do while an earlier run of SLUG goes on: run as well (allow, the default);
                                 skip this one; wait for it
          --journal-level LEVEL|none
                                 send lines that are at least so severe to the journal, where there is one: emerg,
                                 alert, crit, err, warning, notice, info (the default), debug; none sends none. At most
                                 1000 lines in 30 s go there, then their number; all are in the record
          --level RULE           a rule of one's own for the level of a line, as in error:contains:no space left: LEVEL is
                                 info, warning, error, success or drop (not sent to Charon), then starts_with, contains
                                 or glob, then what to look for; the first of several that matches decides
          --level-presets LIST   what is recognised without a rule, out of prefix,monolog,php,symfony,json,logfmt,words,
                                 tracebacks (default: all of them); none
          --send-level LEVEL     send lines to Charon that are at least of this level: info (the default), success,
                                 warning, error; all are in the record
          --redact GLOB          hide in the record and the journal what the wildcards of GLOB match, as in token=*:
                                 * stands for what goes up to the rest of GLOB or to white space, ? for one byte,
                                 [a-z] for one of a set; may be given several times. What passes through is not changed
          --quiet                record the output, but do not pass it on
          --wait TIME            at the end, wait so long for the delivery of what is left to report (default: 10s as
                                 process 1, which nothing outlives, else 0)
          --record SUPERVISOR:OUTPUT
                                 run without asking: the open descriptors of a record that its owner has locked
          --setup DESCRIPTOR     with --record: where to read, as JSON, the environment, user, limits and directory
                                 that the command gets instead of the caller's
          --hold DESCRIPTOR      with --record: wait until the other end of this pipe is closed
          --execution ID         with --record: Charon's id of the run, for the journal
          --help, -h             print this and exit
          --version              print the version and exit

        TIME is a number of seconds, or numbers with units: ms, s, m or min, h, d, w; for example 90s or 1h30m.

        Environment:
          CHARON_URL             base address of Charon, with /api, for a daemon of your own
          CHARON_API_KEY         the application's key; better:
          CHARON_API_KEY_FILE    a file with the key that nobody else can read
          CREDENTIALS_DIRECTORY  where systemd has put the credential charon-api-key, if there is no key file
          CHARON_SOCKET          the daemon's socket (default: /run/charon/charond.sock, then your own daemon's)
          CHARON_JOURNAL_SOCKET  journald's socket (default: /run/systemd/journal/socket)
          JOURNAL_STREAM         set by systemd where stdout or stderr is the journal: its lines then do not pass
                                 through, but go there with their fields
          XDG_STATE_HOME         where your own daemon keeps records and socket (default: ~/.local/state)
          HOME, XDG_RUNTIME_DIR, TMPDIR
                                 the same where those before it cannot be written (default: /run/user/UID, /tmp)
          CHARON_ALLOW_PLAIN_HTTP=1
                                 lets your own daemon send the key over plain http beyond this host
          ...TOKEN, ...KEY, ...SECRET, ...PASSWORD
                                 values of 8 bytes or more, but paths of files, are secrets, as the key is
        COMMAND gets CHARON_SLUG and CHARON_RUN_ID, and neither key.

        Secrets: the record and the journal have <redacted> in place of those of the environment, of passwords in URLs
        (//user:password@host) and of the values of Authorization and X-API-KEY headers, in lines and in the words of
        COMMAND. What passes through to standard output and standard error stays as it is.

        Signals: INT, HUP, QUIT, USR1 and USR2 are forwarded to COMMAND's process group, TERM as the stop signal. A
        second TERM, or the end of the stop grace, sends KILL. With a terminal, job control works as without charon-run.

        Exit status: COMMAND's own; 128+N if signal N ended it; 124 after --timeout; 126 if it cannot be executed;
        127 if it is not found; 125 if charon-run failed itself and COMMAND did not run; 0 if Charon says not to run.

        """
}
