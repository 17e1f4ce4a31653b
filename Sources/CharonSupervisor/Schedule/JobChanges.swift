package import CharonCore
package import CharonJobs
import CharonSchedule

/// What a new reading of the job files changes; of each definition that is refused the last good one stays.
package struct JobChanges: Hashable, Sendable {
    /// All that count from now on, in the order of their slugs.
    package private(set) var jobs: [Job] = []
    package private(set) var added: [Slug] = []
    package private(set) var changed: [Slug] = []
    package private(set) var removed: [Slug] = []
    /// Those that stay although their files say something else, which is refused.
    package private(set) var kept: [Slug] = []

    /// `old` are the definitions in force, `new` what was read.
    package init(from old: [Job], to new: LoadedJobs) {
        let known = Dictionary(old.map { ($0.slug, $0) }) { first, _ in first }
        jobs = new.jobs
        for job in new.jobs {
            guard let before = known[job.slug] else {
                added.append(job.slug)
                continue
            }
            if !before.isSame(as: job) { changed.append(job.slug) }
        }
        let read = Set(new.jobs.map(\.slug))
        for job in old where !read.contains(job.slug) {
            if new.isDoubtful(job) {
                kept.append(job.slug)
                jobs.append(job)
            } else {
                removed.append(job.slug)
            }
        }
        jobs.sort { $0.slug < $1.slug }
    }

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
}

extension LoadedJobs {
    /// Whether a job may only be missing because something in its place is wrong.
    fileprivate func isDoubtful(_ job: Job) -> Bool {
        if refused[job.slug] != nil || unread.contains(job.source.file) { return true }
        return unread.contains { job.source.file.hasPrefix("\($0)/") }
    }
}

extension Job {
    /// Whether two definitions say the same, wherever they stand.
    fileprivate func isSame(as other: Job) -> Bool {
        slug == other.slug && schedules == other.schedules && timezone == other.timezone && command == other.command
            && user == other.user && group == other.group && environment == other.environment
            && cronID == other.cronID && isEnabled == other.isEnabled && options == other.options
    }

    /// What tells whether its times are still those of an earlier reading.
    package var identity: String {
        let texts = schedules.map(\.description) + [timezone ?? "", isEnabled ? "on" : "off"]
        return String(texts.reduce(Seed.of("")) { Seed.of("\($0)", $1) }, radix: 16)
    }
}
