import ArgumentParser
import CharonCore
import CharonLevels
import Glibc

/// `charonctl levels [FILE]`.
struct LevelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "levels",
        abstract: "Show which level each line of a file gets: to try rules before a cron has them.",
        discussion: """
            The lines are those of a run's stdout, or with --stderr of its stderr; rules and presets are those of \
            charon-run. Each line is printed behind its level (info, success, warning, error), or behind 'drop' if a \
            rule keeps it from Charon. It needs no daemon.
            """)

    @Argument(help: "The file; '-' or nothing for standard input.")
    var file = "-"

    @Option(
        help: ArgumentHelp(
            "A rule ACTION:MATCH:PATTERN as of charon-run --level; may be repeated.", valueName: "rule"))
    var level: [String] = []

    @Option(help: ArgumentHelp("The presets that are on, with commas between them, or none.", valueName: "list"))
    var levelPresets: String?

    @Flag(help: "The lines are from stderr.")
    var stderr = false

    @Flag(help: "Print only how many lines have each level.")
    var count = false

    func run() throws {
        do {
            var rules = LevelRules()
            rules.rules = try level.map(LevelRule.init)
            if let levelPresets { rules.presets = try LevelPresets(list: levelPresets) }
            var printer = LevelPrinter(rules, stderr ? .stderr : .stdout, isCounting: count)
            let input = file == "-" ? Descriptor(owning: dup(0)) : try Descriptor.open(file, O_RDONLY)
            try printer.print(input)
        } catch let error as CharonError where error.code == .usage {
            throw ValidationError(error.message)
        } catch {
            Console.error("charonctl: \(error)")
            throw ExitCode(1)
        }
    }
}
