import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl run RUN`.
struct RunCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Show all that is recorded of one run: what was asked, the gate, how it ended, its delivery.",
        discussion: """
            Of a run that was skipped, or whose record has become a line of the history, less is known. 'charonctl logs' \
            shows its output, 'charonctl outbox set-aside' why Charon could not take something.

            Exit status: 0 fine, however the run ended; 1 no daemon, it refused, or there is no such run.
            """)

    @Argument(help: "The run, as 'charonctl runs' names it.")
    var run: RunID

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.getRun, ["run": .string(run.text)])
        if connection.json { print(reply) } else { RunReport(reply).print(.standardOutput) }
        return 0
    }
}
