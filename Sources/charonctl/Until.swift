import ArgumentParser
import CharonCore
import CharonSchedule

/// A time to come as `--until` takes it.
struct Until: ExpressibleByArgument {
    static let rule =
        "a span from now as 2h or 1d12h, or a time as '2026-01-31 06:00' by this host's clocks, or with an offset or Z as "
        + "2026-01-31T06:00:00+01:00"

    let instant: Instant
    /// Whose clocks were meant, for showing it again.
    let zone: Zone

    /// Nil for what is no time.
    init?(argument: String) {
        var zones = ZoneStore()
        self.init(argument, now: .now(), in: (try? zones.local()) ?? .utc)
    }

    /// The time that a text stands for at `now`, by the clocks of `zone` where it names no offset.
    ///
    /// Nil for what is no time.
    init?(_ text: String, now: Instant, in zone: Zone) {
        if let span = TimeSpan(text) {
            instant = now.advanced(bySeconds: span.seconds)
        } else if let instant = Instant(iso8601: text, in: zone) {
            self.instant = instant
        } else {
            return nil
        }
        self.zone = zone
    }

    /// ISO 8601 with the offset of the zone.
    var description: String { instant.text(in: zone) }
}
