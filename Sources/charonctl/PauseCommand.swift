import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl pause SLUG... | --all`.
struct PauseCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Have jobs not started by their schedules any more, for a time or until 'resume'.",
        discussion: """
            What is due meanwhile is passed over, and a run that goes on is left alone: 'charonctl stop RUN' ends it. A \
            pause outlives restarts of the daemon and of the host. It is the second of three switches: 'enabled' in \
            the job file counts before it, Charon's own after it ('charonctl job SLUG' shows all three). 'charonctl \
            start' starts a paused job. A job that is paused again has the new time and reason.

            The pause of --all stands beside those of single jobs, and each is ended by itself. Lines of cron that \
            charon-run wraps are not concerned: switch them off on Charon.

            Exit status: 0 paused; 1 no daemon, it refused, or there is no such job; 64 wrong usage, as a time that is \
            over.
            """)

    @OptionGroup var jobs: JobSelection

    @Option(help: ArgumentHelp("Until when (default: until 'charonctl resume'): \(Until.rule).", valueName: "time"))
    var until: Until?

    @Option(help: ArgumentHelp("Why, for those who look at it later.", valueName: "text"))
    var reason: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let until, until.instant <= .now() { throw ValidationError("--until \(until.description) is over.") }
    }

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let end = until.map { "until \($0.description)" }
        return try jobs.forEach { slug throws(CharonError) in
            let reply = try daemon.call(
                .pause,
                [
                    "slug": slug.map { .string($0.text) }, "until": until.map { .string($0.instant.rfc3339) },
                    "reason": reason.map { .string($0) },
                ])
            if connection.json { return print(reply) }
            let hint = "until 'charonctl resume \(slug?.text ?? "--all")'"
            let what = slug?.text ?? "all jobs (\(reply["jobs"]?.integer ?? 0))"
            print("\(what): paused \(end ?? hint)")
        }
    }
}
