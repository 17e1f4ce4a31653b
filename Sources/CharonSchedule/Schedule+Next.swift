package import CharonCore

extension Schedule {
    /// How far `next` and `previous` look: 50 years.
    private static let horizon: Int64 = 50 * 366 * 86_400

    /// The first run after an instant, as a daemon would make it that follows the clock of this zone without a pause.
    ///
    /// What the zone's changes do to it is cron's of Debian: see `ClockJump`; slots that fall together are one run. Nil for
    /// `@reboot` and if nothing comes within 50 years. `@every` counts from `instant`.
    package func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        switch rule {
        case .reboot: return nil
        case .every(let seconds): return Self.interval(instant, seconds, zone)
        case .calendar(let rule):
            var second = instant.second + 1
            let limit = second + Self.horizon
            var stretch = zone.stretch(at: second)
            var time = VirtualTime(before: stretch, in: zone)
            while second < limit {
                let (offset, replay) = (stretch.offset, time.jump(to: stretch.start + stretch.offset))
                if second == stretch.start, let run = rule.run(replay, time, at: stretch) { return run }
                let live = time.live(
                    from: second + offset, to: min(stretch.end, limit) + offset, isFixed: rule.isFixed)
                if let slot = rule.first(in: live) { return Occurrence(slot: slot, offset: offset) }
                time.advance(to: stretch.end + offset)
                second = stretch.end
                stretch = zone.stretch(at: second)
            }
            return nil
        }
    }

    /// The last run before an instant; the same runs as `next` has, backwards.
    package func previous(before instant: Instant, in zone: Zone) -> Occurrence? {
        switch rule {
        case .reboot: return nil
        case .every(let seconds): return Self.interval(instant, -seconds, zone)
        case .calendar(let rule):
            var end = instant.nanoseconds % 1_000_000_000 == 0 ? instant.second : instant.second + 1
            let limit = end - Self.horizon
            while end > limit {
                let stretch = zone.stretch(at: end - 1)
                var time = VirtualTime(before: stretch, in: zone)
                let local = stretch.start + stretch.offset
                let replay = time.jump(to: local)
                let live = time.live(
                    from: max(stretch.start, limit) + stretch.offset, to: end + stretch.offset, isFixed: rule.isFixed)
                let slot = rule.last(in: live)
                if let slot, slot > local { return Occurrence(slot: slot, offset: stretch.offset) }
                if let run = rule.run(replay, time, at: stretch) { return run }
                if let slot { return Occurrence(slot: slot, offset: stretch.offset) }
                end = stretch.start
            }
            return nil
        }
    }

    private static func interval(_ instant: Instant, _ seconds: Int64, _ zone: Zone) -> Occurrence? {
        let (sum, isOverflow) = instant.nanoseconds.addingReportingOverflow(seconds * 1_000_000_000)
        guard !isOverflow else { return nil }
        let next = Instant(nanoseconds: sum)
        return Occurrence(instant: next, nominal: [LocalTime(next, in: zone)])
    }
}

extension CalendarRule {
    /// The one run of all slots that fall together where a stretch begins; nil if there are none.
    func run(_ replay: VirtualTime.Replay, _ time: VirtualTime, at stretch: Zone.Stretch) -> Occurrence? {
        var slots = all(in: isFixed ? replay.fixed : replay.wild)
        guard !slots.isEmpty else { return nil }
        let local = stretch.start + stretch.offset
        slots += all(in: time.live(from: local, to: local + 1, isFixed: isFixed))
        return Occurrence(instant: Instant(seconds: stretch.start), nominal: slots.map { LocalTime(seconds: $0) })
    }
}

extension Occurrence {
    /// The run of one slot by a clock with that offset; nil beyond the range of `Instant`.
    init?(slot: Int64, offset: Int64) {
        let instant = Instant(seconds: slot - offset)
        guard instant.nanoseconds != .max, instant.nanoseconds != .min else { return nil }
        self.init(instant: instant, nominal: [LocalTime(seconds: slot)])
    }
}
