/// The type of a message, with the names that Charon uses on the wire (`TypeMessageEnum`).
package enum Level: String, Hashable, Sendable, CaseIterable {
    case info, warning, error, success

    /// The severity of a line of which nothing but the level is known.
    ///
    /// A success is syslog's notice: normal, and more worth reading than the lines around it.
    package var severity: Severity {
        switch self {
        case .info: .info
        case .success: .notice
        case .warning: .warning
        case .error: .error
        }
    }

    /// Whether a threshold (`send_level`, `journal_level`) lets this level pass: info < success < warning < error.
    package func reaches(_ threshold: Level) -> Bool { severity.rawValue <= threshold.severity.rawValue }
}
