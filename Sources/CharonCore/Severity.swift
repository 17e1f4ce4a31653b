/// How grave a message is: the severities of syslog(3) and RFC 5424, whose numbers are the journal's `PRIORITY`.
///
/// Monolog's eight levels are these, one to one. A smaller number is graver.
package enum Severity: UInt8, Hashable, Sendable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, info, debug

    /// The names that `journalctl --priority` takes, the gravest first.
    package static let names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    /// From a name of `names`, or `error`; nil for any other text.
    package init?(name: String) {
        guard let number = Self.names.firstIndex(of: name == "error" ? "err" : name) else { return nil }
        self.init(rawValue: UInt8(number))
    }

    /// The name that `journalctl --priority` takes.
    package var name: String { Self.names[Int(rawValue)] }

    /// The type of Charon's message: `error` up to 3, `warning` for 4, `info` beyond.
    package var level: Level {
        switch self {
        case .emergency, .alert, .critical, .error: .error
        case .warning: .warning
        case .notice, .info, .debug: .info
        }
    }
}
