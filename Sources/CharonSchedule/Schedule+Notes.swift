package import CharonCore

extension Schedule {
    /// What the changes of a zone from one instant to another do to the schedule, a sentence for each that matters.
    ///
    /// As `02:30 does not exist on 2026-03-29: runs at 03:00`.
    package func notes(from start: Instant, to end: Instant, in zone: Zone) -> [String] {
        guard case .calendar(let rule) = rule else { return [] }
        var notes: [String] = []
        var before = zone.stretch(at: start.second)
        while before.end <= end.second {
            let after = zone.stretch(at: before.end)
            if let note = ChangeNote(rule, before, after, in: zone) { notes.append(note.text) }
            before = after
        }
        return notes
    }
}

/// One change of a zone's offset and its effect on a rule.
private struct ChangeNote {
    let text: String

    /// Nil if the rule has no time that is left out or comes twice.
    init?(_ rule: CalendarRule, _ before: Zone.Stretch, _ after: Zone.Stretch, in zone: Zone) {
        let (old, new) = (after.start + before.offset, after.start + after.offset)
        let slots = rule.all(in: min(old, new)..<max(old, new))
        guard let first = slots.first else { return nil }
        var time = VirtualTime(before: after, in: zone)
        let replay = time.jump(to: new)
        if new < old {
            let runs = rule.isFixed && replay.jump == .back ? "runs the first time only" : "runs both times"
            text = "\(Self.times(slots)) come\(slots.count == 1 ? "s" : "") twice on \(Self.date(first)): \(runs)"
            return
        }
        let verb = slots.count == 1 ? "does not exist" : "do not exist"
        let made = rule.run(replay, time, at: after)
        let runs =
            if made != nil {
                "\(slots.count == 1 ? "runs" : "one run") at \(Self.clock(new))"
            } else {
                replay.jump == .correction ? "left out: the clocks change by more than 3 hours" : "left out"
            }
        text = "\(Self.times(slots)) \(verb) on \(Self.date(first)): \(runs)"
    }

    private static func date(_ second: Int64) -> Substring { LocalTime(seconds: second).description.prefix(10) }

    /// `02:30`, with seconds only where there are some.
    private static func clock(_ second: Int64) -> String {
        let time = LocalTime(seconds: second).description.dropFirst(11)
        return String(second % 60 == 0 ? time.prefix(5) : time)
    }

    private static func times(_ slots: [Int64]) -> String {
        guard slots.count > 4 else { return WordList.join(slots.map(clock)) }
        return "\(slots.count) times from \(clock(slots[0])) to \(clock(slots[slots.count - 1]))"
    }
}
