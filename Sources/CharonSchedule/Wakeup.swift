import CharonCore

/// What a wake-up of the scheduler is, and which local times have come with it.
package struct Wakeup: Sendable {
    /// What the clocks say about a wake-up.
    package enum Kind: Hashable, Sendable {
        /// Time went on as planned.
        case onTime
        /// Time went on, but the machine slept or was busy: that many seconds too late.
        case late(seconds: Int64)
        /// The clock was stepped by that many seconds against CLOCK_BOOTTIME, or the zone's file was replaced.
        case stepped(ClockJump, seconds: Int64)
    }

    package let kind: Kind
    let now: Instant
    var passages: [Passage] = []

    /// Local times that have come.
    struct Passage: Hashable, Sendable {
        /// Those of schedules with fixed times, and of the others.
        let fixed, wild: Range<Int64>
        /// What the clock that they came by is ahead of UTC.
        let offset: Int64
        /// Where all fall together, because the clock jumped there; nil if each came at its own time.
        let together: Int64?
    }

    init(_ kind: Kind, now: Instant) {
        self.kind = kind
        self.now = now
    }
}

extension Wakeup {
    /// What a schedule has to do at a wake-up.
    package struct Due: Hashable, Sendable {
        /// The run that is due now, with all times that it stands for.
        package let run: Occurrence?
        /// What should have run while the machine slept or the daemon was held up: the business of `catch_up`.
        package let missed: [Occurrence]
    }

    /// As late as that a run is no missed one: cron(8) "woke up late" up to 5 minutes.
    package static let grace: Int64 = 300

    /// The slots of a schedule that have come; those that are due now are one run.
    ///
    /// At most `limit` missed runs are listed, the latest ones. `@every` and `@reboot` have none: their time is no clock's.
    package func due(_ schedule: Schedule, limit: Int = 1000) -> Due {
        guard case .calendar(let rule) = schedule.rule else { return Due(run: nil, missed: []) }
        var due: [LocalTime] = []
        var missed: [Occurrence] = []
        for passage in passages.reversed() {
            let range = rule.isFixed ? passage.fixed : passage.wild
            var end = range.upperBound
            if let together = passage.together {
                let nominal = rule.all(in: range).map { LocalTime(seconds: $0) }
                guard !nominal.isEmpty else { continue }
                if isDue(together) {
                    due = nominal + due
                } else if missed.count < limit {
                    missed.append(Occurrence(instant: Instant(seconds: together), nominal: nominal))
                }
                continue
            }
            while missed.count < limit, let slot = rule.last(in: range.lowerBound..<max(end, range.lowerBound)) {
                end = slot
                if isDue(slot - passage.offset) {
                    due.insert(LocalTime(seconds: slot), at: 0)
                } else if let run = Occurrence(slot: slot, offset: passage.offset) {
                    missed.append(run)
                }
            }
        }
        return Due(run: due.isEmpty ? nil : Occurrence(instant: now, nominal: due), missed: missed.reversed())
    }

    private func isDue(_ second: Int64) -> Bool { now.second - second < Self.grace }
}
