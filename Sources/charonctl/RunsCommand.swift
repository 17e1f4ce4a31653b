import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl runs [SLUG]`.
struct RunsCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List the recorded runs, the newest last.",
        discussion: """
            Delivered runs are kept as charon.yaml says (50 of a cron, 7 days); those that were skipped are not listed. \
            'charonctl run RUN' shows all of one run, 'charonctl logs RUN' its output.

            Exit status: 0 fine, whether there are any or not; 1 no daemon, or it refused.
            """,
        aliases: ["list"])

    @Argument(help: "Only the runs of this cron: \(Slug.rule).")
    var slug: Slug?

    @Flag(help: "Only runs that ended as a failure, by their success codes.")
    var failed = false

    @Option(help: ArgumentHelp("Only runs that went on at or after this time: \(Since.rule).", valueName: "time"))
    var since: Since?

    @Option(help: ArgumentHelp("Only the runs before this one.", valueName: "run"))
    var before: RunID?

    @OptionGroup var page: PageOptions
    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(
            .list,
            [
                "slug": slug.map { .string($0.text) }, "failed": failed ? true : nil,
                "since": since.map { .string($0.instant.rfc3339) }, "limit": page.limit.map { .integer($0) },
                "before": before.map { .string($0.text) },
            ])
        guard !connection.json else {
            print(reply)
            return 0
        }
        let runs = reply["runs"]?.array ?? []
        if reply["more"]?.bool == true {
            let words = [
                slug.map(\.text), failed ? "--failed" : nil, since.map { "--since \($0.text)" }, "--before",
                Shown.text(runs.first?["run"]),
            ]
            print("there are earlier runs: charonctl runs \(words.compactMap(\.self).joined(separator: " "))\n")
        }
        guard !runs.isEmpty else {
            print(failed || since != nil ? "no such runs are recorded" : "no runs are recorded")
            return 0
        }
        var table = Table("ASKED", "SLUG", "RUN", "STATE", "DELIVERED", "EXECUTION", "NOTE")
        for run in runs {
            table.add(
                "\(Shown.time(run["asked_at"]))", "\(Shown.text(run["slug"]))", "\(Shown.text(run["run"]))",
                Shown.state(run), run["delivered"]?.bool == true ? "yes" : "no", "\(Shown.text(run["execution"]))",
                "\(Shown.remarks(run, "note"))")
        }
        table.print()
        return 0
    }
}
