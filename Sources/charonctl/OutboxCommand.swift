import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl outbox`.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show what waits for Charon and what it could not take; send it again, or give it up.",
        subcommands: [
            OutboxListCommand.self, OutboxSetAsideCommand.self, OutboxRetryCommand.self, OutboxDropCommand.self,
        ],
        defaultSubcommand: OutboxListCommand.self)
}

/// `charonctl outbox list`.
struct OutboxListCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what waits for Charon, the oldest run first: what, why and since when.",
        discussion: """
            NEXT is what Charon gets next of a run: its start, messages with its lines, or its end. LINES and BYTES of \
            its output are not acknowledged yet. Messages that Charon could not take are set aside: see 'charonctl \
            outbox set-aside'.

            Exit status: 0 fine, whether something waits or not; 1 no daemon, or it refused.
            """)

    @OptionGroup var page: OutboxPage
    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.outbox, page.parameters)
        let table = Table("ASKED", "ENDED", "SLUG", "RUN", "APPLICATION", "NEXT", "LINES", "BYTES", "REASON")
        page.show(reply, connection, table, ifNone: "nothing waits for Charon", of: "outbox") { run, table in
            table.add(
                "\(Shown.time(run["asked_at"]))", "\(run["ended_at"] == nil ? "running" : Shown.time(run["ended_at"]))",
                "\(Shown.text(run["slug"]))", "\(Shown.text(run["run"]))", "\(Shown.text(run["application"]))",
                "\(Shown.text(run["next"]))", "\(Shown.text(run["lines"]))", "\(Shown.text(run["bytes"]))",
                "\(Shown.remarks(run, "reason"))")
        }
        if !connection.json, try daemon.call(.setAside, ["limit": 1])["runs"]?.array?.isEmpty == false {
            print("\nwhat Charon could not take: charonctl outbox set-aside")
        }
        return 0
    }
}

/// Which part of a list of runs, the oldest first, is asked for.
struct OutboxPage: ParsableArguments {
    @Option(help: ArgumentHelp("Only the runs after this one.", valueName: "run"))
    var after: RunID?

    @OptionGroup var page: PageOptions

    /// As `Outbox` and `SetAside` take it.
    var parameters: JSON {
        ["limit": page.limit.map { .integer($0) }, "after": after.map { .string($0.text) }]
    }

    /// Prints a reply: as it is, or as `table` with what `add` makes of each run, and how `command` goes on.
    func show(
        _ reply: JSON, _ connection: ConnectionOptions, _ table: Table, ifNone: String, of command: String,
        add: (JSON, inout Table) -> Void
    ) {
        guard !connection.json else { return print(reply) }
        let runs = reply["runs"]?.array ?? []
        guard let last = runs.last else { return print(ifNone) }
        var table = table
        for run in runs { add(run, &table) }
        table.print()
        guard reply["more"]?.bool == true else { return }
        print("\nthere may be more: charonctl \(command) --after \(Shown.text(last["run"]))")
    }
}
