package import CharonCore

/// When a job runs: a cron expression as crontab(5) of Debian reads it, and what other crons have added.
///
/// Five fields (minute, hour, day of the month, month, day of the week) or six with seconds first, each of values, names,
/// ranges, steps and lists; `L`, `LW`, `15W`, `FRI#2`, `5L`; `~` and `H` for values that are the same whenever the seed is;
/// `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`, `@reboot`, `@every 90s`. `CRON_TZ=Zone`
/// or `TZ=Zone` may come first.
package struct Schedule: Hashable, Sendable {
    /// The zone that the text itself names, not looked up yet.
    package let zone: String?

    enum Rule: Hashable, Sendable {
        case calendar(CalendarRule)
        case every(seconds: Int64)
        case reboot
    }

    let rule: Rule

    /// Reads an expression; `seed` decides what `H` and `~` stand for (see `Seed`).
    ///
    /// Throws what is wrong, at which column, and what is allowed; also if no day of any year matches.
    package init(_ text: String, seed: UInt64) throws(ScheduleError) {
        let parser = ScheduleParser(text, seed: seed)
        zone = try parser.zone()
        rule = try parser.rule()
    }

    /// Whether it runs at every start of the daemon after a boot, and at no time of the clock: `@reboot`.
    package var isReboot: Bool { rule == .reboot }

    /// The interval of `@every`, which counts from the last start.
    package var interval: TimeSpan? {
        if case .every(let seconds) = rule { .seconds(seconds) } else { nil }
    }

    /// Whether cron(8) makes its runs up for when the clock jumps forward, and does not repeat them when it jumps back.
    ///
    /// That is so for particular times: neither hour nor minute (nor second, if given) begins with `*`.
    package var isFixed: Bool {
        if case .calendar(let rule) = rule { rule.isFixed } else { false }
    }
}
