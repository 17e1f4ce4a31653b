import ArgumentParser
import CharonControl
import CharonCore
import Glibc

/// `charonctl drain`.
struct DrainCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Have nothing started by schedule any more, and wait until nothing runs.",
        discussion: """
            For a host that is to be switched off or taken out of service. Runs that go on are waited for, and so are \
            lines of cron that charon-run wraps, which it does not keep from starting. Interrupting it (status 130) or a \
            --timeout ends the waiting, not the draining: that ends with 'charonctl resume --all' or a restart of charond.

            With --json it prints an object each second: running, waiting (for Charon's answer or for their turn).

            Exit status: 0 nothing runs; 1 something still runs at the end of --timeout, no daemon, or it refused.
            """)

    @Option(
        help: ArgumentHelp("How long to wait at most, as 90s or 1h (default: as long as it takes).", valueName: "span"),
        transform: DrainCommand.span)
    var timeout: TimeSpan?

    @OptionGroup var connection: ConnectionOptions

    private static func span(_ text: String) throws -> TimeSpan {
        guard let span = TimeSpan(text) else { throw ValidationError("'\(text)' is no time: \(TimeSpan.rule).") }
        return span
    }

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let deadline = timeout.map { ContinuousClock.now + .milliseconds($0.milliseconds) }
        let isJSON = connection.json
        var progress = DrainProgress()
        var isDone = false
        try daemon.follow(.drain) { reply, isLast in
            isDone = isLast || (reply["running"]?.integer == 0 && reply["waiting"]?.integer == 0)
            if isJSON {
                Console.output(Array("\(reply)\n".utf8))
            } else if let line = progress.line(reply) {
                Console.error(line)
            }
            return !isDone && (deadline.map { ContinuousClock.now < $0 } ?? true)
        }
        let undo = "nothing is started by schedule until 'charonctl resume --all' or a restart of charond"
        guard isDone else {
            Console.error("charonctl: \(progress.text) still: 'charonctl jobs' shows which; \(undo)")
            return 1
        }
        if !isJSON { print("nothing runs; \(undo)") }
        return 0
    }
}

/// What is still under way while the daemon drains.
struct DrainProgress {
    /// In words, after the last reply.
    private(set) var text = ""

    /// What is to be said after a reply to `Drain`; nil if nothing has changed, or nothing runs.
    mutating func line(_ reply: JSON) -> String? {
        let running = reply["running"]?.integer ?? 0
        let waiting = reply["waiting"]?.integer ?? 0
        var words = "\(Shown.count(running, "run")) under way"
        if waiting > 0 { words += ", \(waiting) waiting to begin" }
        defer { text = words }
        return words == text || running + waiting == 0 ? nil : "charonctl: \(words)"
    }
}
