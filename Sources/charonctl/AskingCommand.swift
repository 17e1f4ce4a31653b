import ArgumentParser
import CharonCore
import Glibc

/// A command that asks the daemon and prints what it says.
protocol AskingCommand: ParsableCommand {
    var connection: ConnectionOptions { get }

    /// Asks and prints; returns the exit status.
    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32
}

extension AskingCommand {
    func run() throws {
        let status: Int32
        do throws(CharonError) {
            var daemon = try DaemonConnection(socket: connection.socket)
            status = try ask(&daemon)
        } catch {
            Console.error("charonctl: \(error)")
            throw ArgumentParser.ExitCode(error.code == .usage ? EX_USAGE : 1)
        }
        guard status == 0 else { throw ArgumentParser.ExitCode(status) }
    }
}

/// What all commands take.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's control socket (default: $CHARON_SOCKET, else the host's, else your own daemon's).",
            valueName: "path"))
    var socket: String?

    @Flag(help: "Print JSON, one object on each line: what the daemon replies, as it is.")
    var json = false
}
