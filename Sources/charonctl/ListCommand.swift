import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl list [SLUG]`.
struct ListCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the recorded runs, the newest last.",
        discussion: "Exit status: 0 fine; 1 no daemon, or it refused.")

    @Argument(help: "Only the runs of this cron: \(Slug.rule).")
    var slug: Slug?

    @Option(help: ArgumentHelp("Only the runs before this one.", valueName: "run"))
    var before: RunID?

    @OptionGroup var page: PageOptions
    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(
            .list,
            [
                "slug": slug.map { .string($0.text) }, "limit": page.limit.map { .integer($0) },
                "before": before.map { .string($0.text) },
            ])
        guard !connection.json else {
            print(reply)
            return 0
        }
        let runs = reply["runs"]?.array ?? []
        if reply["more"]?.bool == true {
            let words = [slug.map(\.text), "--before", Shown.text(runs.first?["run"])].compactMap(\.self)
            print("there are earlier runs: charonctl list \(words.joined(separator: " "))\n")
        }
        guard !runs.isEmpty else {
            print("no runs are recorded")
            return 0
        }
        var table = Table("ASKED", "SLUG", "RUN", "STATE", "DELIVERED", "EXECUTION", "NOTE")
        for run in runs {
            table.add(
                "\(Shown.time(run["asked_at"]))", "\(Shown.text(run["slug"]))", "\(Shown.text(run["run"]))",
                Self.state(run), run["delivered"]?.bool == true ? "yes" : "no", "\(Shown.text(run["execution"]))",
                "\(Shown.remarks(run, "note"))")
        }
        table.print()
        return 0
    }

    private static func state(_ run: JSON) -> Table.Cell {
        guard let outcome = run["outcome"].flatMap(RunOutcome.init(json:)) else {
            return run["running"]?.bool == true ? "running" : "\(Shown.nothing)"
        }
        return switch outcome {
        case .exited(let code): Table.Cell("exit \(code)", code == 0 ? .good : .bad)
        case .killed(let signal): Table.Cell("signal \(signal)", .bad)
        case .timedOut: Table.Cell("timed out", .bad)
        case .stopped: Table.Cell("stopped", .bad)
        case .couldNotStart: Table.Cell("not started", .bad)
        case .lost: Table.Cell("lost", .bad)
        case .skipped(let reason): "skipped (\(reason.rawValue))"
        }
    }
}

/// How much of a long list is asked for.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many runs, 1 to \(ControlInterface.mostRuns).", valueName: "n"))
    var limit: Int64?

    func validate() throws {
        guard limit.map({ (1...Int64(ControlInterface.mostRuns)).contains($0) }) ?? true else {
            throw ValidationError("--limit is 1 to \(ControlInterface.mostRuns).")
        }
    }
}

extension Slug: ExpressibleByArgument {
    /// Nil for what is no slug.
    package init?(argument: String) { self.init(argument) }
}

extension RunID: ExpressibleByArgument {
    /// Nil for what is no run id.
    package init?(argument: String) { self.init(argument) }
}
