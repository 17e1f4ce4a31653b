import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl reload`.
struct ReloadCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the job files read again; show what changed and what is wrong.",
        discussion: """
            It waits until the new definitions are in force. The daemon also does this by itself soon after a file is \
            saved, and at SIGHUP; nothing is started because of it, and runs go on. A job with a mistake is refused \
            alone: its last good definition stays in force, or there is no such job. A job that no file has any more \
            is kept until its run has ended.

            What is wrong goes to standard error, as file:line:column: text; 'charonctl check' says it before.

            Exit status: 0 everything is in force; 1 no daemon, or it refused; 78 something is wrong with the files: \
            what is good is in force.
            """)

    @OptionGroup var connection: ConnectionOptions

    /// How long the daemon may take for many files.
    private static let patience = TimeSpan.seconds(180)

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.reload, patience: Self.patience)
        let problems = reply["problems"]?.array ?? []
        if connection.json {
            print(reply)
        } else {
            show(reply)
            // Behind what changed where both go to one place.
            Console.flush()
            for problem in problems { Console.error(Shown.text(problem)) }
            Self.conclude(reply, problems.count)
        }
        return problems.isEmpty ? 0 : 78
    }

    private func show(_ reply: JSON) {
        let style = Style.standardOutput
        for (member, tone, remark) in [
            ("added", Tone.good, ""), ("changed", .plain, ""), ("removed", .warning, ""),
            ("kept", .bad, ": its new definition is refused, and the last good one stays"),
        ] {
            for slug in reply[member]?.array ?? [] {
                print("\(style.apply(tone, member)) \(Shown.text(slug))\(remark)")
            }
        }
        for notice in reply["notices"]?.array ?? [] { print(style.apply(.warning, Shown.text(notice))) }
        let lists = ["added", "changed", "removed", "kept"]
        let isSame = lists.allSatisfy { (reply[$0]?.array ?? []).isEmpty }
        print("\(Shown.count(reply["jobs"]?.integer ?? 0, "job"))\(isSame ? ", none changed" : "")")
    }

    private static func conclude(_ reply: JSON, _ problems: Int) {
        let more = reply["more"]?.bool == true ? "; there is more than is shown" : ""
        guard problems > 0 else {
            if !more.isEmpty { Console.error("charonctl: 'charonctl check' shows all\(more)") }
            return
        }
        Console.error(
            "charonctl: \(Shown.count(Int64(problems), "problem"))\(more): mend the files ('charonctl check' shows all that "
                + "is wrong) and reload again; what is good is in force")
    }
}
