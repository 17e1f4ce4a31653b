import ArgumentParser
import CLinux
import CharonCore
import CharonSystemd
import Glibc

/// The daemon that asks Charon, keeps the records and delivers.
struct CharondCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    /// What the service manager has said of this service.
    @TaskLocal static var service = ServiceVariables([:])

    static let configuration = CommandConfiguration(
        commandName: "charond",
        abstract: "Asks Charon whether crons may start, keeps their records and reports what they do.",
        discussion: """
            As a service it reads /etc/charon/charon.yaml. Without that file it takes one application from the \
            environment: CHARON_URL, and CHARON_API_KEY_FILE, the credential charon-api-key, or CHARON_API_KEY.

            Exit status: 0 after SIGTERM or SIGINT, 78 for a configuration that cannot be used, 1 otherwise.
            """,
        version: version
    )

    @Option(name: .long, help: "The configuration file.")
    var config: String?

    @Option(name: .long, help: "The state directory; goes before the file's own.")
    var state: String?

    @Option(name: .long, help: "The control socket; goes before the file's own.")
    var socket: String?

    @Flag(name: .long, help: "Check the configuration and exit.")
    var check = false

    @Flag(
        name: [.customLong("private")],
        help:
            "Serve one user: the control socket is descriptor 3, applications come with the calls. charon-run does this."
    )
    var isPrivate = false

    @Option(name: .long, help: "With --private: how long to stay without anything to do.")
    var idle = "60s"

    mutating func run() async throws {
        let signals = Signals()
        DescriptorLimit.raise()
        // Each file has its mode from us; a caller's stricter mask would hide what wrappers read.
        umask(0o022)
        clinux_limit_arenas(2)
        let options = DaemonOptions(config: config, state: state, socket: socket)
        do {
            if isPrivate {
                guard let state else { throw CharonError(.usage, "--private needs --state") }
                guard let idle = TimeSpan(idle) else { throw CharonError(.usage, "--idle: \(TimeSpan.rule)") }
                try await PrivateDaemon(state: state, idle: idle).run(signals)
            } else {
                let daemon = try SystemDaemon(options)
                guard check else { return try await daemon.run(signals, Self.service) }
                try await daemon.check()
                print("charond: the configuration is good")
            }
        } catch {
            Console.error("charond: \(error)")
            let isConfiguration =
                (error as? CharonError).map { [.configuration, .permission].contains($0.code) } ?? true
            throw ExitCode(isConfiguration ? 78 : 1)
        }
    }
}

/// What the command line says of a daemon.
struct DaemonOptions {
    var config: String?
    var state: String?
    var socket: String?
}
