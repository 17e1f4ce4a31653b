import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl outbox retry [RUN...]`.
struct OutboxRetryCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send what waits now instead of after its pause, and of the runs named also what was set aside.",
        discussion: """
            Without RUN, everything that waits goes on at once; with --application what waits for that one. A message \
            that was set aside is sent as it was, under the same Idempotency-Key, behind what has been sent since.

            Exit status: 0 done; 1 no daemon, it refused, or something of the runs named could not be sent again.
            """)

    @Argument(help: "The runs, as 'charonctl outbox' names them.")
    var runs: [RunID] = []

    @Option(help: ArgumentHelp("Only what waits for this application.", valueName: "name"))
    var application: Slug?

    @OptionGroup var connection: ConnectionOptions

    /// Each message of a run that is sent again may take its whole deadline.
    private static let patience = TimeSpan.seconds(600)

    func validate() throws {
        guard runs.isEmpty || application == nil else { throw ValidationError("Name runs or --application, not both.") }
    }

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        guard !runs.isEmpty else {
            let reply = try daemon.call(.retry, ["application": application.map { .string($0.text) }])
            let waiting = reply["waiting"]?.integer ?? 0
            print(connection.json ? reply.description : "\(Shown.count(waiting, "run")) told to go on")
            return 0
        }
        var status: Int32 = 0
        for run in runs {
            let reply = try daemon.call(.retry, ["run": .string(run.text)], patience: Self.patience)
            if let reason = reply["reason"], reason != .null { status = 1 }
            print(connection.json ? reply.description : "\(run): \(Self.sentence(reply))")
        }
        return status
    }

    private static func sentence(_ reply: JSON) -> String {
        let sent = reply["sent"]?.integer ?? 0
        let refused = reply["refused"]?.integer ?? 0
        var parts: [String] = []
        if reply["waiting"]?.integer == 1 { parts.append("told to go on") }
        if sent > 0 { parts.append("\(Shown.count(sent, "message")) sent again") }
        if refused > 0 { parts.append("\(Shown.count(refused, "message")) refused again") }
        if let reason = reply["reason"], reason != .null { parts.append(Shown.text(reason)) }
        return parts.isEmpty ? "nothing waits and nothing is set aside" : parts.joined(separator: "; ")
    }
}
