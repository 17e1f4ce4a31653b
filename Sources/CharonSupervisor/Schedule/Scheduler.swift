package import CharonCore
package import CharonJobs
import CharonRuns
package import CharonSchedule
import HeapModule

/// Decides which jobs start when: a pure state machine over two clocks, told of wake-ups and ends with their times.
///
/// A heap holds the next time of each schedule; `nextWake` is the only timer. What each wake-up is (on time, late, a
/// step of the clock, a zone's new file) the zones' virtual clocks say; the heap only says where to look.
package struct Scheduler: Sendable {
    /// What the runner has to do, in this order.
    package enum Action: Hashable, Sendable {
        case start(JobStart)
        /// A due time passes without a run.
        case skip(JobStart, SkipReason)
        /// Due times were missed, and `catch_up` does not make up for them.
        case missed(Slug, first: Instant)
        /// A wake-up that was not plain: to be logged.
        case clock(CharonSchedule.Wakeup.Kind)
        /// What waits of a job, or what its intervals count from, is another now: to be kept on disk.
        case keep(Slug)
    }

    /// A job that is scheduled.
    struct Entry: Sendable {
        let job: Job
        let generation: UInt64
    }

    /// One zone's clock.
    struct ZoneClock: Sendable {
        var zone: Zone
        var clock: VirtualClock
    }

    let host: String
    var zones: ZoneStore
    var entries: [Slug: Entry] = [:]
    /// By the name of the zone; empty for the host's.
    var clocks: [String: ZoneClock] = [:]
    /// By the wall clock: calendars.
    var looks = Heap<Look>()
    /// By CLOCK_BOOTTIME: intervals, and waits that are over then; of those `track` is negative.
    var timers = Heap<Look>()
    var generations: UInt64 = 0
    /// The runs of each slug that go on, wrapped lines among them.
    var active: [Slug: Set<RunID>] = [:]
    package internal(set) var waiting: [Slug: [WaitingStart]] = [:]
    /// The last start of jobs with intervals, which these count from.
    package internal(set) var anchors: [Slug: Instant] = [:]
    package var pauses = Pauses()
    /// Nothing scheduled starts any more.
    package var isDraining = false
    /// The times that runs on record stand for already, of a wake-up that an earlier daemon did not complete.
    package var started: [Slug: Set<String>] = [:]
    /// Up to when all due times have been dealt with.
    package internal(set) var reading: ClockReading

    /// Follows the clocks from `reading` on: what was due until then is not looked at.
    ///
    /// `host` is what tells this host from others, for `spread`.
    package init(from reading: ClockReading, host: String = "", zones: ZoneStore = ZoneStore()) {
        self.reading = reading
        self.host = host
        self.zones = zones
    }

    /// The jobs as they are now, in the order of their slugs.
    package var jobs: [Job] { entries.values.map(\.job).sorted { $0.slug < $1.slug } }

    package func job(_ slug: Slug) -> Job? { entries[slug]?.job }

    /// How many runs of a job go on.
    package func running(_ slug: Slug) -> Int { active[slug]?.count ?? 0 }

    /// When to wake, by the wall clock; nil for never.
    package var nextWake: Instant? {
        let wall = looks.min?.at
        let timer = timers.min.map { Self.sum(reading.wall.nanoseconds, max(0, $0.at - reading.boot)) }
        return [wall, timer].compactMap(\.self).min().map(Instant.init(nanoseconds:))
    }

    /// What is due next; nil for nothing.
    package var first: (slug: Slug, at: Instant)? {
        let look = looks.min.map { (slug: $0.slug, at: Instant(nanoseconds: $0.at)) }
        // Waits have no place among the schedules; the first interval is seldom behind many of them.
        let tick = timers.unordered.filter { $0.track >= 0 }.min().map {
            (slug: $0.slug, at: Instant(nanoseconds: Self.sum(reading.wall.nanoseconds, $0.at - reading.boot)))
        }
        return [look, tick].compactMap(\.self).min { $0.at < $1.at }
    }

    /// Goes on to a new reading of the clocks.
    package mutating func wake(at now: ClockReading) -> [Action] {
        let planned = nextWake
        var wakeups: [String: CharonSchedule.Wakeup] = [:]
        var moved: Set<String> = []
        var actions: [Action] = []
        for name in clocks.keys.sorted() {
            guard var clock = clocks[name] else { continue }
            let zone = zone(name) ?? clock.zone
            let wakeup = clock.clock.wake(at: now, planned: planned, in: zone)
            if case .stepped = wakeup.kind { moved.insert(name) }
            if zone != clock.zone { moved.insert(name) }
            clock.zone = zone
            clocks[name] = clock
            wakeups[name] = wakeup
            if wakeup.kind != .onTime, !actions.contains(.clock(wakeup.kind)) { actions.append(.clock(wakeup.kind)) }
        }
        reading = now
        var due = popLooks(until: now.wall)
        if !moved.isEmpty { rebuild(moved, &due) }
        for slug in due.keys.sorted() {
            guard let tracks = due[slug] else { continue }
            actions += evaluate(slug, tracks, wakeups)
        }
        return actions + popTimers(until: now.boot)
    }

    /// The schedules whose time has come: when, by their place among those of the job.
    private mutating func popLooks(until now: Instant) -> [Slug: [Int: Instant]] {
        var due: [Slug: [Int: Instant]] = [:]
        while let look = looks.min, look.at <= now.nanoseconds {
            looks.removeMin()
            guard entries[look.slug]?.generation == look.generation else { continue }
            due[look.slug, default: [:]][look.track] = Instant(nanoseconds: look.at)
        }
        return due
    }

    /// Has all schedules of zones looked at whose clocks have moved: what the heap says of them counts no more.
    private mutating func rebuild(_ names: Set<String>, _ due: inout [Slug: [Int: Instant]]) {
        var kept: [Look] = []
        for look in looks.unordered {
            guard let entry = entries[look.slug], entry.generation == look.generation else { continue }
            if names.contains(Self.zoneName(of: entry.job, look.track)) {
                due[look.slug, default: [:]][look.track] = reading.wall
            } else {
                kept.append(look)
            }
        }
        looks = Heap(kept)
    }

    /// Looks for the first time of a schedule after the last reading.
    mutating func push(_ slug: Slug, _ entry: Entry, _ track: Int) {
        guard let clock = clocks[Self.zoneName(of: entry.job, track)],
            let next = entry.job.schedules[track].next(after: reading.wall, in: clock.zone)
        else { return }
        looks.insert(
            Look(at: next.instant.nanoseconds, slug: slug, track: track, generation: entry.generation))
    }

    /// The zone that a schedule is read in, as it is now; nil if it cannot be had.
    mutating func zone(_ name: String) -> Zone? {
        name.isEmpty ? try? zones.local() : try? zones.zone(name)
    }

    static func zoneName(of job: Job, _ track: Int) -> String { job.schedules[track].zone ?? job.timezone ?? "" }

    static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, isOverflow) = a.addingReportingOverflow(b)
        return isOverflow ? .max : sum
    }
}
