package import CharonCore

/// A zone's clock as the scheduler follows it: what has run by it, and what each wake-up brings.
///
/// It tells the clock's steps from time that passed: where the wall clock left CLOCK_BOOTTIME, or the zone's offset changed, cron's
/// table decides (`ClockJump`); time in which the machine slept brings what was missed.
package struct VirtualClock: Hashable, Sendable {
    private var reading: ClockReading
    /// The last second of the wall clock whose slots were looked at.
    private var done: Int64
    /// The zone's offset at that second.
    private var offset: Int64
    private var time: VirtualTime

    /// A smaller step is none: the clock is being disciplined.
    private static let smallestStep: Int64 = 60

    /// Starts to follow a zone's clock; what is due at this very moment or was before does not run.
    package init(at reading: ClockReading, in zone: Zone) {
        self.reading = reading
        done = reading.wall.second
        let stretch = zone.stretch(at: done)
        offset = stretch.offset
        time = VirtualTime(before: stretch, in: zone)
        _ = time.jump(to: stretch.start + offset)
        time.advance(to: done + offset + 1)
    }

    /// Goes on to a new reading; `planned` is when the wake-up was due, `zone` the zone as its file is now.
    package mutating func wake(at new: ClockReading, planned: Instant? = nil, in zone: Zone) -> Wakeup {
        let elapsed = max(0, new.boot - reading.boot)
        let (reached, isOverflow) = reading.wall.nanoseconds.addingReportingOverflow(elapsed)
        let expected = Instant(nanoseconds: isOverflow ? .max : reached).second
        let now = new.wall.second
        let isForward = now - expected >= Self.smallestStep
        let isBack = done - now >= Self.smallestStep
        defer { reading = new }

        // The zone itself may have changed under the clock: its file was replaced.
        let known = zone.offset(at: done)
        let zoneJump = known == offset ? nil : (replay: time.jump(to: done + 1 + known), seconds: known - offset)
        var passages: [Wakeup.Passage] = []
        if let zoneJump { passages.append(Wakeup.Passage(zoneJump.replay, at: now, offset: known)) }
        offset = known
        goOn(to: isForward ? expected : isBack ? done : now, in: zone, &passages)

        var kind = Wakeup.Kind.onTime
        if isForward || isBack {
            kind = .stepped(step(to: now, in: zone, &passages), seconds: now - expected)
        } else if let zoneJump {
            kind = .stepped(zoneJump.replay.jump, seconds: zoneJump.seconds)
        } else if let planned, now - planned.second >= Self.smallestStep {
            kind = .late(seconds: now - planned.second)
        }
        var wakeup = Wakeup(kind, now: new.wall)
        wakeup.passages = passages
        return wakeup
    }

    /// Lets the wall clock go on without a step, through the zone's changes.
    private mutating func goOn(to second: Int64, in zone: Zone, _ passages: inout [Wakeup.Passage]) {
        while done < second {
            let stretch = zone.stretch(at: done + 1)
            if stretch.start == done + 1 {
                passages.append(
                    Wakeup.Passage(
                        time.jump(to: stretch.start + stretch.offset), at: stretch.start, offset: stretch.offset))
            }
            let (start, end) = (done + 1 + stretch.offset, min(stretch.end, second + 1) + stretch.offset)
            passages.append(
                Wakeup.Passage(
                    fixed: time.live(from: start, to: end, isFixed: true),
                    wild: time.live(from: start, to: end, isFixed: false), offset: stretch.offset, together: nil))
            time.advance(to: end)
            done = end - 1 - stretch.offset
            offset = stretch.offset
        }
    }

    /// Moves to where the wall clock was stepped to; that second is looked at as well.
    private mutating func step(to second: Int64, in zone: Zone, _ passages: inout [Wakeup.Passage]) -> ClockJump {
        done = second - 1
        offset = zone.offset(at: second)
        let replay = time.jump(to: second + offset)
        passages.append(Wakeup.Passage(replay, at: second, offset: offset))
        let local = second + offset
        passages.append(
            Wakeup.Passage(
                fixed: time.live(from: local, to: local + 1, isFixed: true), wild: local..<local + 1, offset: offset,
                together: nil))
        time.advance(to: local + 1)
        done = second
        return replay.jump
    }
}

extension Wakeup.Passage {
    init(_ replay: VirtualTime.Replay, at second: Int64, offset: Int64) {
        self.init(fixed: replay.fixed, wild: replay.wild, offset: offset, together: second)
    }
}
