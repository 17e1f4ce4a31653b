package import CharonCore
package import CharonJobs
import CharonRuns
import CharonSchedule
import HeapModule

extension Scheduler {
    /// Puts other definitions in the place of those there are; nothing that was due before the last reading starts.
    ///
    /// Jobs that are the same keep what they have; of others what waits stays, and intervals count from the last start.
    /// What waits of a job that is gone goes with it.
    package mutating func replace(_ new: [Job]) -> [Action] {
        var actions: [Action] = []
        let names = Set(new.map(\.slug))
        for slug in entries.keys where !names.contains(slug) {
            entries[slug] = nil
            anchors[slug] = nil
            if waiting.removeValue(forKey: slug) != nil { actions.append(.keep(slug)) }
        }
        for job in new where entries[job.slug]?.job != job { put(job) }
        let used = Set(new.flatMap { job in job.schedules.indices.map { Self.zoneName(of: job, $0) } })
        for name in clocks.keys where !used.contains(name) { clocks[name] = nil }
        return actions
    }

    private mutating func put(_ job: Job) {
        generations += 1
        let entry = Entry(job: job, generation: generations)
        entries[job.slug] = entry
        for start in waiting[job.slug] ?? [] {
            guard let until = start.until else { continue }
            timers.insert(Look(at: until, slug: job.slug, track: -1, generation: entry.generation))
        }
        guard job.isEnabled else { return }
        for track in job.schedules.indices {
            follow(Self.zoneName(of: job, track))
            if let interval = job.schedules[track].interval {
                let first = firstTick(job.slug, interval)
                timers.insert(Look(at: first, slug: job.slug, track: track, generation: entry.generation))
            } else {
                push(job.slug, entry, track)
            }
        }
    }

    /// When an interval ends that counts from the last start; one that would have been over starts anew.
    private func firstTick(_ slug: Slug, _ interval: TimeSpan) -> Int64 {
        let length = Self.nanoseconds(interval)
        let whole = Self.sum(reading.boot, length)
        guard let anchor = anchors[slug] else { return whole }
        let passed = reading.wall.nanoseconds - anchor.nanoseconds
        return passed >= 0 && passed < length ? Self.sum(reading.boot, length - passed) : whole
    }

    private mutating func follow(_ name: String) {
        guard clocks[name] == nil else { return }
        // The loader has refused jobs of unknown zones; one that has gone since goes by UTC until it is back.
        let zone = zone(name) ?? .utc
        clocks[name] = ZoneClock(zone: zone, clock: VirtualClock(at: reading, in: zone))
    }

    /// What an earlier daemon has kept of a job, before the job itself is put here.
    package mutating func restore(_ slug: Slug, waiting starts: [WaitingStart], anchor: Instant?) {
        waiting[slug] = starts.isEmpty ? nil : starts
        anchors[slug] = anchor
    }

    /// When a job is due next, as its schedules say; nil for never, or if it is not enabled.
    package func next(of slug: Slug) -> Instant? {
        guard let entry = entries[slug], entry.job.isEnabled else { return nil }
        // A timer has the time of an interval; that of a calendar is computed, as a pause of the daemon may lie before it.
        let ticks = timers.unordered.filter { $0.slug == slug && $0.track >= 0 && $0.generation == entry.generation }
        let next = ticks.map { Instant(nanoseconds: Self.sum(reading.wall.nanoseconds, $0.at - reading.boot)) }
        return (next + calendars(entry)).min()
    }

    private func calendars(_ entry: Entry) -> [Instant] {
        entry.job.schedules.indices.compactMap { track in
            guard entry.job.schedules[track].interval == nil else { return nil }
            return clocks[Self.zoneName(of: entry.job, track)].flatMap {
                entry.job.schedules[track].next(after: reading.wall, in: $0.zone)?.instant
            }
        }
    }
}
