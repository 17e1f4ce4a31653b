/// Up to where fixed times have run, in local time: the `virtualTime` of cron(8).
///
/// It goes on with the clock, over a gap after its slots were made up for, and stands still while a repeated hour lasts.
struct VirtualTime: Hashable, Sendable {
    /// The first local second whose fixed times have not run.
    var next: Int64

    /// Local seconds whose slots fall together where the clock jumped.
    struct Replay: Hashable, Sendable {
        let jump: ClockJump
        /// Those of schedules with fixed times.
        let fixed: Range<Int64>
        /// Those of the others.
        let wild: Range<Int64>
    }

    /// The clock shows `local` now, whose own second is still to come.
    mutating func jump(to local: Int64) -> Replay {
        let minute = local.floorDivided(by: 60)
        let jump = ClockJump(minutes: minute - (next - 1).floorDivided(by: 60))
        let (skipped, present) = (next..<max(next, local), minute * 60..<local)
        switch jump {
        case .none, .slight:
            next = max(next, local)
            return Replay(jump: jump, fixed: skipped, wild: skipped)
        case .forward:
            next = local
            return Replay(jump: jump, fixed: skipped, wild: present)
        case .back: return Replay(jump: jump, fixed: local..<local, wild: present)
        case .correction:
            next = local
            return Replay(jump: jump, fixed: present, wild: present)
        }
    }

    /// The local seconds from `local` on, before `end`, in which a schedule runs by the clock.
    func live(from local: Int64, to end: Int64, isFixed: Bool) -> Range<Int64> {
        let start = isFixed ? max(local, next) : local
        return start..<max(start, end)
    }

    /// The clock has gone on, without a jump, to just before `local`.
    mutating func advance(to local: Int64) { next = max(next, local) }
}

extension VirtualTime {
    /// What a clock that follows a zone has when a stretch of it begins, before that change.
    init(before stretch: Zone.Stretch, in zone: Zone) {
        var earlier: [Zone.Stretch] = []
        var first = stretch
        // A stretch of three hours ends with everything run, whatever was before it.
        while first.start > -Zone.bound, earlier.last.map({ $0.end - $0.start < 10_800 }) ?? true {
            first = zone.stretch(at: first.start - 1)
            earlier.append(first)
        }
        self.init(next: first.start + first.offset)
        for passed in earlier.reversed() {
            _ = jump(to: passed.start + passed.offset)
            advance(to: passed.end + passed.offset)
        }
    }
}
