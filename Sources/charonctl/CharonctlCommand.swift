import ArgumentParser

/// The operator's tool: asks the daemon over its control socket.
@main
struct CharonctlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charonctl",
        abstract: "Shows what charond does, steers its jobs, and asks Charon as charond would.",
        discussion: """
            It talks to the daemon behind --socket, else behind CHARON_SOCKET, else to the host's at \
            \(DaemonConnection.systemSocket), else to your own private one. Root sees everything, the group adm \
            all runs and their output, and a user the runs that are his own. Times are UTC.

            Exit status: 0 fine; 1 no daemon, or it refused; 64 wrong usage of the command line. 'probe', 'start', \
            'check' and 'reload' have others: see their help.
            """,
        version: "0.1.0",
        subcommands: [
            StatusCommand.self, JobsCommand.self, JobCommand.self, StartCommand.self, StopCommand.self,
            PauseCommand.self, ResumeCommand.self, ReloadCommand.self, DrainCommand.self, RunsCommand.self,
            RunCommand.self, LogsCommand.self, OutboxCommand.self, ProbeCommand.self, CheckCommand.self,
            NextCommand.self, ExplainCommand.self, LevelsCommand.self, SchemaCommand.self,
        ])
}
