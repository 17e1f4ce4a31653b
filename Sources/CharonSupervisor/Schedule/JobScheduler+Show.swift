package import CharonControl
package import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule

extension JobScheduler {
    /// What of a job the scheduler knows, as a reply shows it.
    struct View: Sendable {
        let job: Job
        let members: [JSON.Member]
    }

    /// The reply to `Jobs`.
    package func jobs(after: Slug?, limit: Int, for peer: Peer) async -> VarlinkReply {
        let mayAll = daemon.rights.isOperator(peer) || daemon.rights.mayRead(peer, uid: .max)
        let views = (scheduler.jobs + leaving.values.filter { scheduler.job($0.slug) == nil })
            .sorted { $0.slug < $1.slug }
            .filter { job in after.map { job.slug > $0 } ?? true }
            .filter { mayAll || daemon.owners[$0.slug] == peer.uid }
            .prefix(limit + 1)
            .map(view)
        let described = await daemon.describe(views)
        var found = Page(limit: limit)
        for job in described { guard found.add(job) else { break } }
        return VarlinkReply([
            "jobs": .array(found.elements), "more": .bool(found.isCut),
            "paused": scheduler.pauses.all.flatMap { $0.counts(at: .now()) ? $0.json : nil },
            "draining": .bool(scheduler.isDraining),
        ])
    }

    /// The reply to `GetJob`.
    package func job(_ slug: Slug, for peer: Peer) async -> VarlinkReply {
        guard let job = scheduler.job(slug) ?? leaving[slug] else { return .noSuchJob(slug.text) }
        let isReader = daemon.owners[slug].map { daemon.rights.mayRead(peer, uid: $0) } ?? false
        guard isReader || daemon.rights.isOperator(peer) else {
            return .permissionDenied("\(slug) is another's job")
        }
        let (view, zone) = (view(job), scheduler.zone(job.timezone ?? "") ?? .utc)
        let described = await daemon.describe([view])
        let (runs, usual) = await daemon.pastRuns(of: slug, for: peer)
        let options = job.options
        return VarlinkReply([
            "job": described.first, "zone": .string(zone.name),
            "words": .array(job.schedules.map { .string($0.describe()) }),
            "next": .array(next(of: job).map { .string($0.text(in: zone)) }),
            "command": .array(job.command.arguments.map { .string(SafeText.clipped($0, to: 4096)) }),
            "application": options.application.map { .string($0) },
            "directory": options.directory.map { .string($0) },
            "timeout_ms": options.timeout.map { .integer($0.milliseconds) },
            "overlap": .string(options.overlap.rawValue), "retries": .integer(Int64(options.retries.count)),
            "spread_ms": options.spread.milliseconds > 0 ? .integer(options.spread.milliseconds) : nil,
            "catch_up": .string(options.catchUp.missed.rawValue),
            "start_deadline_ms": options.startDeadline.map { .integer($0.milliseconds) },
            "usual_ms": usual.map { .integer($0.milliseconds) },
            "charon": await daemon.lastAnswer(to: job), "runs": .array(runs),
        ])
    }

    private func next(of job: Job) -> [Instant] {
        guard job.isEnabled, scheduler.job(job.slug) != nil else { return [] }
        if let interval = job.schedules.compactMap(\.interval).first, let first = scheduler.next(of: job.slug) {
            return (0..<5).map { first.advanced(bySeconds: interval.seconds * Double($0)) }
        }
        var agenda = Agenda(of: [job], from: .now(), zones: scheduler.zones)
        return (0..<5).compactMap { _ in agenda.next()?.instant }
    }

    private func view(_ job: Job) -> View {
        let slug = job.slug
        let now = Instant.now()
        let waiting = scheduler.waiting[slug] ?? []
        let retry = waiting.first { $0.cause == .retry }?.until
        let retryAt = retry.map { now.advanced(bySeconds: Double($0 - ClockReading.now().boot) / 1e9) }
        let problem = loaded.refused[slug].map { SafeText.clipped($0.description, to: 1000) }
        let json: JSON = [
            "slug": .string(slug.text), "source": .string("\(job.source.file):\(job.source.line)"),
            "enabled": .bool(job.isEnabled), "schedules": .array(job.schedules.map { .string($0.description) }),
            "timezone": job.timezone.map { .string($0) }, "user": job.user.map { .string($0) },
            "next": scheduler.next(of: slug).map { .string($0.rfc3339) },
            "paused": scheduler.pauses.jobs[slug].flatMap { $0.counts(at: now) ? $0.json : nil },
            "running": .integer(Int64(scheduler.running(slug))),
            "queued": .bool(waiting.contains { $0.cause == .queue || $0.cause == .catchUp }),
            "retry_at": retryAt.map { .string($0.rfc3339) },
            "removed": scheduler.job(slug) == nil ? .bool(true) : nil, "problem": problem.map { .string($0) },
        ]
        return View(job: job, members: json.members ?? [])
    }

    /// What `GetStatus` says of the jobs.
    package var summary: [JSON.Member] {
        let now = Instant.now()
        let scheduled = scheduler.jobs.filter { $0.isEnabled && !$0.schedules.isEmpty }
        let paused = scheduled.count { scheduler.pauses.pause(of: $0.slug, at: now) != nil }
        let json: JSON = [
            "jobs": .integer(Int64(scheduler.entries.count)), "scheduled": .integer(Int64(scheduled.count)),
            "paused_jobs": .integer(Int64(paused)),
            "next": scheduler.first.map { ["slug": .string($0.slug.text), "at": .string($0.at.rfc3339)] },
            "draining": .bool(scheduler.isDraining),
        ]
        return json.members ?? []
    }

    /// The jobs, and what is due next, in one line for sd_notify(3).
    package var status: String {
        let next = scheduler.first.map { ", next \($0.slug) at \($0.at.rfc3339.prefix(19))Z" } ?? ""
        let running = scheduler.active.values.reduce(0) { $0 + $1.count }
        return "\(scheduler.entries.count) jobs, \(running) runs under way\(next)"
    }
}
