import ArgumentParser
import CharonCore

/// A time as `--since` takes it, kept with its words.
struct Since: ExpressibleByArgument {
    static let rule = "an RFC 3339 time in UTC as 2026-01-31T04:05:06Z, or how long ago as 2h or 30m"

    let text: String
    let instant: Instant

    /// Nil for what is no time.
    init?(argument: String) {
        text = argument
        if let instant = Instant(rfc3339: argument.utf8) {
            self.instant = instant
        } else if let span = TimeSpan(argument) {
            instant = Instant.now().advanced(bySeconds: -span.seconds)
        } else {
            return nil
        }
    }
}

extension Level: ExpressibleByArgument {
    /// Nil for what is no level.
    package init?(argument: String) { self.init(rawValue: argument) }
}
