import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl stop RUN`.
struct StopCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a run: its job's stop signal, then SIGKILL after its grace.",
        discussion: """
            All processes of the run get the signal that the job file names ('stop_signal', SIGTERM if it names none), and \
            SIGKILL when 'stop_grace' is over. A command that ends by itself then has its own exit code; one that the \
            signal ends was 'stopped', which is a failure, and Charon is told so. It waits until the run has ended and prints how it did; with --no-wait it returns when the signal is on its way.

            To keep it from starting again: 'charonctl pause SLUG'.

            Exit status: 0 it has ended, however, or with --no-wait was told to; 1 no daemon, it refused, or there is no \
            such run, or it does not run.
            """)

    @Argument(help: "The run, as 'charonctl runs' names it.")
    var run: RunID

    @Flag(inversion: .prefixedNo, help: "Wait until it has ended.")
    var wait = true

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.stop, ["run": .string(run.text)])
        guard wait else {
            print(connection.json ? reply.description : "\(run): told to stop")
            return 0
        }
        let end = try RunEnd.wait(for: run, &daemon, connection.socket)
        guard !connection.json else {
            print(end)
            return 0
        }
        let outcome = RunEnd.outcome(end)
        print("\(run): \(Style.standardOutput.apply(outcome.tone, outcome.text))")
        return 0
    }
}
