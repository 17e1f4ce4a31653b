/// `io_priority`: the class and priority of ioprio_set(2), as in `idle` or `best-effort:6`.
package struct IOPriority: Hashable, Sendable, CustomStringConvertible {
    /// The scheduling class, with the kernel's number.
    package enum Class: Int, Hashable, Sendable {
        case realtime = 1
        case bestEffort = 2
        case idle = 3
    }

    /// What the text form is, for messages.
    package static let rule =
        "\"idle\", \"best-effort:N\" or \"realtime:N\" with N from 0, the most favoured, to 7"

    /// The class.
    package let scheduling: Class
    /// From 0, the most favoured, to 7; 0 in the class `idle`, which has none.
    package let priority: Int

    /// Nil unless `text` follows the rule.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts == ["idle"] {
            (scheduling, priority) = (.idle, 0)
            return
        }
        guard parts.count == 2, parts[1].utf8.count == 1, let number = Int(parts[1]), (0...7).contains(number) else {
            return nil
        }
        switch parts[0] {
        case "best-effort": scheduling = .bestEffort
        case "realtime": scheduling = .realtime
        default: return nil
        }
        priority = number
    }

    package var description: String {
        switch scheduling {
        case .idle: "idle"
        case .bestEffort: "best-effort:\(priority)"
        case .realtime: "realtime:\(priority)"
        }
    }
}
