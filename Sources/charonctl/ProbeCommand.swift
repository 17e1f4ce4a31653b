import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl probe SLUG`.
struct ProbeCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Ask Charon whether a cron may start, and show its answer and what charond makes of it.",
        discussion: """
            Without --execute it asks can-start only, which changes nothing. With it, it goes through all four calls: it \
            starts an execution, sends one message and ends it as a success. A call that fails is the last one.

            Exit status: 0 Charon says yes, and took everything; 1 no daemon, it refused, or the question was not \
            answered with yes; 2 Charon says no: the cron is switched off; 3 no usable answer: none at all, one that \
            cannot be understood, a refused key, or a cron that is not registered; 64 wrong usage.
            """)

    @Argument(help: "The cron: \(Slug.rule).")
    var slug: Slug

    @Option(help: ArgumentHelp("The application of charon.yaml (default: the default one).", valueName: "name"))
    var application: String?

    @Option(help: ArgumentHelp("The cron's id for start, as with charon-run --cron-id.", valueName: "id"))
    var cronId: String?

    @Flag(help: "Go on through start, message and end: this creates an execution on Charon.")
    var execute = false

    @Flag(help: "With --execute: do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    /// How long the daemon may take: each call has its own deadline, and may have to wait for a connection.
    private static let patience = (canStart: TimeSpan.seconds(60), all: TimeSpan.seconds(180))

    func validate() throws {
        guard execute || !yes else { throw ValidationError("--yes goes with --execute.") }
    }

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        if execute {
            Console.error(
                "charonctl: --execute changes something: it creates an execution of \(slug) on Charon, with one message "
                    + "'charonctl probe', and ends it as a success")
            guard try Console.mayGoOn("Go on?", yes: yes) else { return 1 }
        }
        let reply = try daemon.call(
            .probe,
            [
                "slug": .string(slug.text), "application": application.map { .string($0) },
                "cron_id": cronId.map { .string($0) }, "execute": execute ? true : nil,
            ], patience: execute ? Self.patience.all : Self.patience.canStart)
        if connection.json {
            print(reply)
        } else {
            ProbeReport(reply).print(.standardOutput)
        }
        return switch reply["result"]?.string {
        case "yes": 0
        case "no": 2
        default: 3
        }
    }
}
