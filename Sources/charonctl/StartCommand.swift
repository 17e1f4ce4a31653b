import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl start SLUG`.
struct StartCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start a run of a job now.",
        discussion: """
            It passes 'enabled: false' and a pause, but Charon is asked as at a scheduled start, and what Charon has \
            switched off is not started; with --ungated Charon is not asked, and is told of the run all the same. The \
            job's 'overlap' counts. It prints the run's name, for 'charonctl logs', 'run' and 'stop'.

            With --follow it goes on as 'charonctl logs RUN --follow' does, until the run has ended. Interrupting it \
            (status 130) leaves the run alone.

            Exit status: 0 started; 1 no daemon, it refused, or there is no such job; 3 nothing was started, for the \
            reason that is printed: Charon has switched it off, or an earlier run goes on. With --follow that of \
            the run: its exit code, 128+n for signal n, 125 for a run of which no exit code is known.
            """)

    @Argument(help: "The job: \(Slug.rule).")
    var slug: Slug

    @Flag(name: .shortAndLong, help: "Show its output as it comes, and exit as it does.")
    var follow = false

    @Flag(help: "Do not ask Charon whether it may start.")
    var ungated = false

    @OptionGroup var connection: ConnectionOptions

    /// How long the daemon may take: Charon has its own deadlines, and a burst of starts waits its turn.
    private static let patience = TimeSpan.seconds(180)

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(
            .start, ["slug": .string(slug.text), "ungated": ungated ? true : nil], patience: Self.patience)
        if connection.json { Console.output(Array("\(reply)\n".utf8)) }
        guard reply["state"]?.string == "run", let run = reply["run"]?.string.flatMap({ RunID($0) }) else {
            if !connection.json {
                Console.error("charonctl: \(slug) was not started: \(Self.words(reply["reason"], slug))")
            }
            return 3
        }
        if !connection.json { Console.output(Array("\(run)\n".utf8)) }
        guard follow else { return 0 }
        var reading = LogReading(
            LogRequest(target: .run(run), follows: true, isJSON: connection.json, socket: connection.socket))
        _ = try reading.begin(&daemon)
        try reading.follow(&daemon)
        return RunEnd.status(try RunEnd.wait(for: run, &daemon, connection.socket))
    }

    /// Why nothing was started, and what to do.
    static func words(_ reason: JSON?, _ slug: Slug) -> String {
        switch reason?.string.flatMap(SkipReason.init(rawValue:)) {
        case .off:
            "Charon has switched it off: switch it on there, or say --ungated"
        case .notRegistered:
            "Charon does not know it and 'when_unknown' says skip: register it there, or say --ungated"
        case .unreachable:
            "Charon gave no answer and its last one or 'when_unreachable' says no: 'charonctl status' tells more; or say "
                + "--ungated"
        case .overlap:
            "an earlier run goes on and 'overlap' says skip: 'charonctl runs \(slug)' names it, 'charonctl stop RUN' ends "
                + "it"
        case .late, nil: Shown.text(reason)
        }
    }
}
