package import CharonCore
package import CharonSchedule
import HeapModule

/// What is due next, across all jobs: a heap of the next time of each schedule.
package struct Agenda {
    /// A due time of a job; those of one time are in the order of their slugs.
    package struct Entry: Sendable, Comparable {
        /// When.
        package let instant: Instant
        /// The job.
        package let job: Job
        /// Which of its schedules.
        package let schedule: Schedule
        /// In which zone that schedule is read.
        package let zone: Zone
        /// The times of the clock that it stands for.
        package let occurrence: Occurrence

        package static func < (a: Entry, b: Entry) -> Bool { (a.instant, a.job.slug) < (b.instant, b.job.slug) }
        package static func == (a: Entry, b: Entry) -> Bool { (a.instant, a.job.slug) == (b.instant, b.job.slug) }
    }

    private let start: Instant
    private var heap = Heap<Entry>()

    /// What is due after `start`.
    package init(from start: Instant) { self.start = start }

    /// What is due after `start` of the jobs that are enabled; `local` is the zone of those that name none.
    package init(of jobs: [Job], from start: Instant, zones: ZoneStore = ZoneStore()) {
        self.init(from: start)
        var zones = zones
        let local = (try? zones.local()) ?? .utc
        for job in jobs where job.isEnabled {
            for schedule in job.schedules {
                guard let name = schedule.zone ?? job.timezone else {
                    add(schedule, of: job, in: local)
                    continue
                }
                // The loader has refused jobs of other zones.
                if let zone = try? zones.zone(name) { add(schedule, of: job, in: zone) }
            }
        }
    }

    /// Takes up a schedule of a job; one that is not due in 50 years, or only at a boot, is left out.
    package mutating func add(_ schedule: Schedule, of job: Job, in zone: Zone) {
        push(schedule, job, zone, after: start)
    }

    /// The next due time, and then the one after it; nil when there are none.
    ///
    /// Jobs that are due at the same time come in the order of their slugs.
    package mutating func next() -> Entry? {
        guard let first = heap.popMin() else { return nil }
        push(first.schedule, first.job, first.zone, after: first.instant)
        return first
    }

    private mutating func push(_ schedule: Schedule, _ job: Job, _ zone: Zone, after instant: Instant) {
        guard let due = schedule.next(after: instant, in: zone) else { return }
        heap.insert(Entry(instant: due.instant, job: job, schedule: schedule, zone: zone, occurrence: due))
    }
}
