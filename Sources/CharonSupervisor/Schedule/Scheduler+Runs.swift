package import CharonCore
import CharonJobs
package import CharonRuns
package import CharonSchedule
import HeapModule

extension Scheduler {
    /// A run has begun that this scheduler did not decide: a wrapped line's, or one of an earlier daemon.
    package mutating func began(_ run: RunID, of slug: Slug) { active[slug, default: []].insert(run) }

    /// A run has ended, or was not started after all; `mark` is nil for one that is no job's.
    package mutating func ended(
        _ run: RunID, of slug: Slug, _ mark: JobMark?, _ result: JobResult, at now: ClockReading
    ) -> [Action] {
        guard active[slug]?.remove(run) != nil else { return [] }
        if active[slug]?.isEmpty == true { active[slug] = nil }
        var actions: [Action] = []
        if result == .failure, let mark, mark.reason != .hand, let entry = entries[slug], isOpen(slug),
            mark.attempt <= entry.job.options.retries.count, running(slug) == 0, waiting[slug] == nil
        {
            let delay = entry.job.options.retries.delay(before: mark.attempt)
            var next = mark
            next.reason = .retry
            next.attempt += 1
            let until = Self.sum(now.boot, Self.nanoseconds(delay))
            actions.append(wait(slug, WaitingStart(.retry, next, until: until)))
        }
        return actions + startNext(slug)
    }

    /// Starts what has waited for the end of an earlier run, if nothing runs any more.
    package mutating func startNext(_ slug: Slug) -> [Action] {
        guard running(slug) == 0, var all = waiting[slug],
            let index = all.firstIndex(where: { $0.cause == .catchUp || $0.cause == .queue })
        else { return [] }
        let next = all.remove(at: index)
        waiting[slug] = all.isEmpty ? nil : all
        guard let entry = entries[slug], isOpen(slug) else { return [.keep(slug)] }
        let actions = [.keep(slug)] + admit(entry.job, next.mark)
        // One that came too late makes room for the one behind it.
        return running(slug) == 0 ? actions + startNext(slug) : actions
    }

    /// Intervals and waits whose time has come.
    mutating func popTimers(until boot: Int64) -> [Action] {
        var actions: [Action] = []
        while let look = timers.min, look.at <= boot {
            timers.removeMin()
            guard let entry = entries[look.slug], entry.generation == look.generation else { continue }
            actions += look.track < 0 ? endWaits(look.slug, entry, boot) : tick(look.slug, entry, look.track)
        }
        return actions
    }

    private mutating func endWaits(_ slug: Slug, _ entry: Entry, _ boot: Int64) -> [Action] {
        let over = (waiting[slug] ?? []).filter { $0.until.map { $0 <= boot } ?? false }
        guard !over.isEmpty else { return [] }
        let rest = (waiting[slug] ?? []).filter { !over.contains($0) }
        waiting[slug] = rest.isEmpty ? nil : rest
        var actions: [Action] = [.keep(slug)]
        guard isOpen(slug) else { return actions }
        for start in over { actions += admit(entry.job, start.mark) }
        return actions
    }

    /// An interval is over: the next one counts from now.
    private mutating func tick(_ slug: Slug, _ entry: Entry, _ track: Int) -> [Action] {
        guard let interval = entry.job.schedules[track].interval else { return [] }
        anchors[slug] = reading.wall
        timers.insert(
            Look(
                at: Self.sum(reading.boot, Self.nanoseconds(interval)), slug: slug, track: track,
                generation: entry.generation))
        guard isOpen(slug) else { return [.keep(slug)] }
        let time = clocks[Self.zoneName(of: entry.job, track)].map { LocalTime(reading.wall, in: $0.zone).description }
        return [.keep(slug)] + admit(entry.job, JobMark(.due, due: reading.wall, times: time.map { [$0] } ?? []))
    }

    /// A start that an operator asks for; nil while an earlier run goes on, unless `overlap` allows both.
    ///
    /// Pauses and `enabled` do not keep it.
    package mutating func startByHand(_ slug: Slug, at now: Instant) -> JobStart? {
        guard let job = entries[slug]?.job, running(slug) == 0 || job.options.overlap == .allow else { return nil }
        let start = JobStart(run: RunID(at: now), job: job, mark: JobMark(.hand, due: now))
        active[slug, default: []].insert(start.run)
        return start
    }

    /// What is started once after a boot (`@reboot`).
    package mutating func afterBoot() -> [Action] {
        var actions: [Action] = []
        for job in jobs where job.isEnabled && job.schedules.contains(where: \.isReboot) && isOpen(job.slug) {
            actions += admit(job, JobMark(.due, due: reading.wall, times: ["@reboot"]))
        }
        return actions
    }

    static func nanoseconds(_ span: TimeSpan) -> Int64 {
        let (product, isOverflow) = span.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return isOverflow ? .max : product
    }
}
