import CharonCore
import CharonSchedule

/// When it is run.
extension Check {
    /// A job that is due less often is likely not what is meant.
    private static let year = 366.0 * 86_400
    /// The share of its interval that a run may usually take.
    private static let share = 0.8

    mutating func lookAtTimes(_ job: Job) {
        guard job.isEnabled else { return }
        var known: [String: Schedule] = [:]
        for schedule in job.schedules {
            let text = schedule.description
            if known.updateValue(schedule, forKey: text) != nil {
                add(.runsTwice, job, "the schedule \(text) is there twice: keep one")
            }
            look(at: schedule, job)
        }
        guard let interval = shortestInterval(job) else { return }
        let gap = TimeSpan(milliseconds: Int64(interval * 1000))
        if job.options.overlap == .skip, let timeout = job.options.timeout, timeout > gap {
            add(
                .timeoutOverInterval, job,
                "a run may take \(timeout) and the next one is due after \(gap), which is then skipped: shorten "
                    + "\"timeout\", or set \"overlap: queue\"")
        }
        if let usual = host.usualDuration(job.slug), usual.seconds > Self.share * interval {
            add(
                .overlapRisk, job,
                "its runs usually take \(usual) and it is due every \(gap): run it less often, or make it faster "
                    + "(overlap: \(job.options.overlap.rawValue))")
        }
    }

    private mutating func look(at schedule: Schedule, _ job: Job) {
        guard !schedule.isReboot else { return }
        let zone = zone(of: schedule, job)
        guard let first = schedule.next(after: host.now, in: zone) else {
            add(.neverRuns, job, "the schedule \(schedule) is not due within 50 years")
            return
        }
        let second = schedule.next(after: first.instant, in: zone)
        let gap = second.map { $0.instant.seconds(since: first.instant) } ?? .infinity
        let wait = first.instant.seconds(since: host.now)
        guard max(gap, wait) > Self.year else { return }
        add(
            .rarelyRuns, job,
            "the schedule \(schedule) is due only at times that are more than a year apart, next at "
                + "\(first.instant.rfc3339.prefix(10))")
    }

    /// The shortest time between two of the next due times, in seconds.
    private mutating func shortestInterval(_ job: Job) -> Double? {
        var agenda = Agenda(from: host.now)
        for schedule in job.schedules { agenda.add(schedule, of: job, in: zone(of: schedule, job)) }
        var last: Instant?
        var shortest: Double?
        for _ in 0..<Self.looks {
            guard let entry = agenda.next() else { break }
            if let last, entry.instant > last {
                let gap = entry.instant.seconds(since: last)
                shortest = min(shortest ?? gap, gap)
            }
            last = entry.instant
        }
        return shortest
    }

    /// So many due times are looked at for the shortest time between two.
    private static let looks = 12

    private mutating func zone(of schedule: Schedule, _ job: Job) -> Zone {
        guard let name = schedule.zone ?? job.timezone else { return host.zone }
        return (try? zones.zone(name)) ?? host.zone
    }
}
