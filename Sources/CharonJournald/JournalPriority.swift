/// The severity of an entry, `PRIORITY=`, as in syslog(3); a smaller number is worse.
package enum JournalPriority: Int, Hashable, Sendable, CaseIterable {
    case emergency, alert, critical, error, warning, notice, info, debug

    /// The names that `journalctl --priority` takes, the worst first.
    package static let names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    /// From a name of `names`, or `error`; nil for any other text.
    package init?(name: String) {
        guard let number = Self.names.firstIndex(of: name == "error" ? "err" : name) else { return nil }
        self.init(rawValue: number)
    }

    /// The name that `journalctl --priority` takes.
    package var name: String { Self.names[rawValue] }
}
