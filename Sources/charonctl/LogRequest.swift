import CharonCore

/// Which recorded output is asked for, and how it is printed.
struct LogRequest {
    var target: LogTarget
    /// Goes on with what comes.
    var follows = false
    var level: Level?
    var stream: LogsCommand.Stream?
    var since: Instant?
    var isJSON = false
    /// Where the daemon is found again, as `--socket` names it.
    var socket: String?
}
