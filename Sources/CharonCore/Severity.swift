/// How grave a message is: the severities of syslog(3) and RFC 5424, whose numbers are the journal's `PRIORITY`.
///
/// Monolog's eight levels are these, one to one. A smaller number is graver.
package enum Severity: UInt8, Hashable, Sendable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, informational, debug

    /// The type of Charon's message: `error` up to 3, `warning` for 4, `info` beyond.
    package var level: Level {
        switch self {
        case .emergency, .alert, .critical, .error: .error
        case .warning: .warning
        case .notice, .informational, .debug: .info
        }
    }
}
