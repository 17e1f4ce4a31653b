import ArgumentParser
import CharonControl
import CharonCore
import Glibc

/// `charonctl logs SLUG|RUN`.
struct LogsCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the recorded output of runs, with the levels of its lines.",
        discussion: """
            Of a cron it shows the last run; with --since all that its runs have written since then. With --follow it \
            shows what comes, and of a cron also its later runs: until it is interrupted (status 130, as a shell says), \
            or until the one RUN has ended (status 0). While the daemon is away it waits for it.

            Each line has its time, its level and its text: info, success, warning or error, the levels that Charon \
            gets. On a terminal control characters are shown as ^[ and lines beyond \(LogPrinter.longestShown) bytes \
            are cut; elsewhere the text is as the command wrote it. In the place of lines that the disk budget dropped \
            a note says so.

            With --json each line is one object: run, slug, offset (the byte of output.log), at, stream, level and text, \
            or in the place of these dropped; what is no UTF-8 becomes U+FFFD.

            Exit status: 0 fine; 1 no daemon, it refused, there is no such run, or its output is no longer kept.
            """)

    enum Stream: String, ExpressibleByArgument, CaseIterable { case stdout, stderr }

    @Argument(help: "A cron, or a run as 'charonctl runs' names it.", transform: LogTarget.init(argument:))
    var target: LogTarget

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on.")
    var follow = false

    @Option(help: "Only lines of this level or a graver one: info, success, warning, error.")
    var level: Level?

    @Option(help: ArgumentHelp("Only lines from this time on: \(Since.rule).", valueName: "time"))
    var since: Since?

    @Option(help: "Only lines of this stream.")
    var stream: Stream?

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        var reading = LogReading(
            LogRequest(
                target: target, follows: follow, level: level, stream: stream, since: since?.instant,
                isJSON: connection.json, socket: connection.socket))
        let wasAny = try reading.begin(&daemon)
        if follow {
            try reading.follow(&daemon)
            return 0
        }
        if wasAny { return 0 }
        Console.error("charonctl: no output of \(target) is kept\(since == nil ? "" : " since then")")
        return 1
    }
}

/// What output is asked for.
enum LogTarget: CustomStringConvertible {
    case slug(Slug)
    case run(RunID)

    /// A run's name is a cron's too, but nobody calls a cron so.
    init(argument: String) throws {
        if let run = RunID(argument) {
            self = .run(run)
        } else if let slug = Slug(argument) {
            self = .slug(slug)
        } else {
            throw ValidationError("'\(argument)' is neither a run nor a slug: \(Slug.rule).")
        }
    }

    var description: String {
        switch self {
        case .slug(let slug): slug.text
        case .run(let run): run.text
        }
    }
}
