import ArgumentParser

/// `charon-server`: a self-contained Charon.
@main
struct CharonServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charon-server",
        abstract: "A self-contained Charon: registers crons, switches them, records their executions.",
        discussion: """
            Begin with 'cron add', 'key add' and 'serve'. What is changed by these commands takes effect at once in a \
            server that runs on the same database.

            Exit codes: 0 done, 64 wrong usage of the command line, 1 anything else; the reason is on stderr.
            """,
        subcommands: [ServeCommand.self, CronCommand.self, KeyCommand.self]
    )
}
