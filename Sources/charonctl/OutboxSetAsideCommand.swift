import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl outbox set-aside`.
struct OutboxSetAsideCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-aside",
        abstract: "List the messages that Charon could not take, the oldest run first.",
        discussion: """
            Charon refused such a message, or failed at it again and again, so a placeholder stands in its place. Its \
            lines are the bytes BYTES of the run's output.log; of each run the first 20 messages are listed one by one. \
            'charonctl outbox retry RUN' sends them again, 'charonctl outbox drop RUN' forgets them.

            Exit status: 0 fine, whether something is set aside or not; 1 no daemon, or it refused.
            """)

    @OptionGroup var page: OutboxPage
    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.setAside, page.parameters)
        let table = Table("LAST TRIED", "SLUG", "RUN", "LINES", "BYTES", "STATUS", "REASON")
        page.show(reply, connection, table, ifNone: "nothing is set aside", of: "outbox set-aside") { run, table in
            let messages = run["messages"]?.array ?? []
            for message in messages {
                table.add(
                    "\(Shown.time(message["at"]))", "\(Shown.text(run["slug"]))", "\(Shown.text(run["run"]))",
                    "\(Shown.text(message["lines"]))", "\(Shown.text(message["from"]))-\(Shown.text(message["to"]))",
                    "\(Shown.text(message["status"]))", "\(Shown.text(message["reason"]))")
            }
            let more = (run["count"]?.integer ?? 0) - Int64(messages.count)
            if more > 0 {
                table.add(
                    "\(Shown.nothing)", "\(Shown.text(run["slug"]))", "\(Shown.text(run["run"]))",
                    "\(Shown.nothing)", "\(Shown.nothing)", "\(Shown.nothing)", "\(more) more")
            }
        }
        return 0
    }
}
