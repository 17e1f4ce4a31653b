import CharonControl
import CharonCore
import Glibc

/// Waits for the end of one run.
enum RunEnd {
    /// How long after a look with nothing new the next one comes.
    private static let pause: UInt32 = 250_000
    /// How long after a look without a daemon.
    private static let pauseWithoutDaemon: UInt32 = 1_000_000

    /// What a run exits with of which no exit code is known, as charon-run does for its own failures.
    static let unknown: Int32 = 125

    /// The reply to `GetRun` of a run that has ended.
    ///
    /// While the daemon is away it waits for it, behind the same `socket`: runs outlive it.
    static func wait(
        for run: RunID, _ daemon: inout DaemonConnection, _ socket: String?
    ) throws(CharonError) -> JSON {
        var isAway = false
        while true {
            do throws(CharonError) {
                if isAway { daemon = try DaemonConnection(socket: socket) }
                isAway = false
                let reply = try daemon.call(.getRun, ["run": .string(run.text)])
                if reply["running"]?.bool != true { return reply }
            } catch {
                guard error.code == .unavailable else { throw error }
                if !isAway { Console.error("charonctl: \(error); waiting for it") }
                isAway = true
            }
            usleep(isAway ? pauseWithoutDaemon : pause)
        }
    }

    /// The exit status that stands for how a run ended.
    static func status(_ reply: JSON) -> Int32 {
        let code = reply["ended"]?["exit_code"]?.integer ?? Int64(unknown)
        return (0...255).contains(code) ? Int32(code) : unknown
    }

    /// How a run ended.
    static func outcome(_ reply: JSON) -> Table.Cell {
        reply["ended"]?["outcome"].flatMap(RunOutcome.init(json:)).map { Shown.outcome($0) } ?? "no outcome is recorded"
    }
}
