import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl outbox drop RUN...`.
struct OutboxDropCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Give up what waits for Charon of these runs, and what was set aside of them.",
        discussion: """
            Charon never gets it: an execution that has begun there stays open. The runs' records stay on this host as \
            long as those of other delivered runs. A command that still runs is not touched.

            Exit status: 0 done; 1 no daemon, it refused, or nothing was done; 64 nobody is there to be asked.
            """)

    @Argument(help: "The runs, as 'charonctl outbox' names them.")
    var runs: [RunID]

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let what = runs.count == 1 ? "the run \(runs[0])" : "\(runs.count) runs"
        let question = "Charon never gets what waits of \(what), nor what was set aside. Drop it?"
        guard try Console.mayGoOn(question, yes: yes) else { return 1 }
        var status: Int32 = 0
        for run in runs {
            let reply = try daemon.call(.drop, ["run": .string(run.text)])
            let reason = reply["reason"].flatMap { $0 == .null ? nil : Shown.text($0) }
            if reason != nil { status = 1 }
            print(connection.json ? reply.description : "\(run): \(reason ?? "dropped")")
        }
        return status
    }
}
