import ArgumentParser
import CharonControl
import CharonCore
import CharonSchedule
import Glibc

/// `charonctl explain EXPR`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say in words when a schedule runs, and list its next times. Needs no daemon.",
        discussion: """
            The expression has five fields as in crontab(5), or six with seconds first, or is one of @hourly, @daily, \
            @midnight, @weekly, @monthly, @yearly, @annually, @reboot and @every with a time as in '@every 90s'. Beyond \
            names, ranges, steps and lists there are L (last day), LW (last Monday to Friday), 15W (the weekday nearest to \
            the 15th), FRI#2 (second Friday), 5L (last Friday), and ~ and H for values that are chosen once for a host and \
            a job. CRON_TZ=Zone may come first.

            Where the clocks of the zone change, it does what cron of Debian does: times that begin with * in hour or \
            minute run by the clock; others that are left out run right after the gap, together, and those that come twice \
            run the first time only. Changes of more than 3 hours are followed without making up for anything.

            With - for the expression, it reads one JSON object a line from standard input, as \
            {"expr": "0 3 * * *", "timezone": "Europe/Riga", "from": "2026-03-28T00:00:00Z", "count": 3}, and prints one \
            for each; what is wrong with a line is its member "error".

            Exit status: 0 fine; 64 wrong expression, zone or time.
            """)

    /// The most runs that are listed.
    static let most = 10_000

    @Argument(help: "The schedule, as one word: quote it. Or - for many on standard input.")
    var expression: String

    @Option(
        help: ArgumentHelp("The time zone (default: CRON_TZ of the expression, else the host's).", valueName: "zone"))
    var timezone: String?

    @Option(
        help: ArgumentHelp("List the times after this one (default: now): \(Instant.iso8601Rule).", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("List so many times, 1 to \(Self.most).", valueName: "n"))
    var count = 5

    @Flag(help: "List the times before --from instead, the latest first.")
    var previous = false

    @Option(help: ArgumentHelp("The job whose H and ~ are meant.", valueName: "slug"))
    var job: Slug?

    @Flag(help: "Print JSON: words, times and notes.")
    var json = false

    func validate() throws {
        guard (1...Self.most).contains(count) else { throw ValidationError("--count is 1 to \(Self.most).") }
    }

    func run() throws {
        if expression == "-" { return ExplainStream().run() }
        var zones = ZoneStore()
        do throws(Explanation.Failure) {
            let seed = Seed.of(Seed.host(), job?.text ?? "")
            let explanation = try Explanation(
                Explanation.Question(
                    expression: expression, timezone: timezone, from: from, count: count, isPrevious: previous,
                    seed: seed), &zones)
            if json { print(explanation.json) } else { explanation.print(.standardOutput) }
        } catch {
            Console.error("charonctl: \(error.message)")
            if let column = error.column, SafeText.escaped(expression) == expression {
                Console.error("  \(expression)\n  \(String(repeating: " ", count: column - 1))^")
            }
            throw ArgumentParser.ExitCode(EX_USAGE)
        }
    }
}
