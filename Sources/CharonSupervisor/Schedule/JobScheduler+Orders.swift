package import CharonControl
package import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import Logging

extension JobScheduler {
    /// Starts a job now, by an operator's order; the reply to `Start`.
    package func start(_ slug: Slug, isUngated: Bool, for peer: Peer) async -> VarlinkReply {
        guard scheduler.job(slug) != nil else { return .noSuchJob(slug.text) }
        if let refusal = await refusal(peer, slug) { return refusal }
        guard var start = scheduler.startByHand(slug, at: .now()) else {
            return VarlinkReply(["state": "skip", "reason": .string(SkipReason.overlap.rawValue)])
        }
        start.isUngated = isUngated
        launching.insert(start.run)
        log.notice(
            "started by hand", metadata: ["slug": "\(slug)", "run": "\(start.run)", "uid": "\(peer.uid)"])
        let launch = await daemon.launch(start)
        launched(start, launch)
        switch launch {
        case .begun(let execution):
            return VarlinkReply([
                "run": .string(start.run.text), "state": "run", "execution": execution.map { .string($0.text) },
            ])
        case .skipped(let reason):
            return VarlinkReply(["run": .string(start.run.text), "state": "skip", "reason": .string(reason.rawValue)])
        case .failed(let reason): return .recordFailed(reason)
        }
    }

    /// Turns the switch of a job, or of all, off; the reply to `Pause`.
    package func pause(_ slug: Slug?, until: Instant?, reason: String?, for peer: Peer) async -> VarlinkReply {
        if let refusal = await mayTurn(slug, peer) { return refusal }
        let text = reason.map { SafeText.clipped($0, to: 200) }
        let pause = Pause(since: .now(), until: until, reason: text, uid: peer.uid)
        return turn(slug, "paused", peer) { pauses in
            if let slug { pauses.jobs[slug] = pause } else { pauses.all = pause }
        }
    }

    /// Turns it on again; the reply to `Resume`.
    package func resume(_ slug: Slug?, for peer: Peer) async -> VarlinkReply {
        if let refusal = await mayTurn(slug, peer) { return refusal }
        if slug == nil { scheduler.isDraining = false }
        return turn(slug, "resumed", peer) { pauses in
            if let slug { pauses.jobs[slug] = nil } else { pauses.all = nil }
        }
    }

    private func turn(_ slug: Slug?, _ what: String, _ peer: Peer, _ change: (inout Pauses) -> Void) -> VarlinkReply {
        // What is due by now goes by the switch as it was.
        wake()
        var pauses = scheduler.pauses
        change(&pauses)
        pauses.jobs = pauses.jobs.filter { $0.value.counts(at: .now()) }
        do {
            try store.write(pauses: pauses)
        } catch {
            return .recordFailed("\(error)")
        }
        scheduler.pauses = pauses
        log.notice("\(what)", metadata: ["slug": "\(slug?.text ?? "all")", "uid": "\(peer.uid)"])
        return VarlinkReply(["jobs": .integer(slug == nil ? Int64(scheduler.jobs.count) : 1)])
    }

    private func mayTurn(_ slug: Slug?, _ peer: Peer) async -> VarlinkReply? {
        guard let slug else { return daemon.rights.isOperator(peer) ? nil : .forOperators }
        guard scheduler.job(slug) != nil else { return .noSuchJob(slug.text) }
        return await refusal(peer, slug)
    }

    func refusal(_ peer: Peer, _ slug: Slug) async -> VarlinkReply? {
        do {
            let refusal = try await daemon.refusal(of: peer, slug)
            return refusal.map { .permissionDenied($0) }
        } catch {
            return .recordFailed("\(error)")
        }
    }

    /// Has nothing scheduled start any more; what is under way.
    package func drain() -> VarlinkReply {
        if !scheduler.isDraining { log.notice("draining: nothing scheduled starts any more") }
        scheduler.isDraining = true
        return .draining(running: scheduler.active.values.reduce(0) { $0 + $1.count }, waiting: launching.count)
    }
}

extension VarlinkReply {
    static let forOperators = permissionDenied("that is for those who run the daemon")

    static func draining(running: Int, waiting: Int) -> VarlinkReply {
        VarlinkReply(["running": .integer(Int64(running)), "waiting": .integer(Int64(waiting))])
    }

    /// The reply to `Reload`; its lists are cut at what a reply may list.
    init(_ reload: JobScheduler.Reload) {
        let most = ControlInterface.mostRuns
        let changes = reload.changes
        // All lists together must fit into a message, so each has a share of it.
        func list(_ lines: [String]) -> Page {
            var page = Page(limit: most, bytes: 32_768)
            for line in lines { guard page.add(.string(SafeText.clipped(line, to: 1000))) else { break } }
            return page
        }
        let lists = [
            ("added", list(changes.added.map(\.text))), ("changed", list(changes.changed.map(\.text))),
            ("removed", list(changes.removed.map(\.text))), ("kept", list(changes.kept.map(\.text))),
            ("problems", list(reload.problems.map(\.description))),
            ("notices", list(reload.notices.map(\.description))),
        ]
        var members = [JSON.Member("jobs", .integer(Int64(changes.jobs.count)))]
        members += lists.map { JSON.Member($0.0, .array($0.1.elements)) }
        members.append(JSON.Member("more", .bool(lists.contains { $0.1.isCut })))
        self.init(.object(members))
    }
}
