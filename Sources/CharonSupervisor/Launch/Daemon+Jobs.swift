import CharonControl
import CharonCore
import CharonJobs
import CharonRuns
import Glibc
import Logging
import Synchronization

extension Daemon {
    /// The runs whose commands go on, or that are at their gates.
    var activeRuns: [(RunID, Slug)] {
        entries.values.filter(\.isActive).map { ($0.request.run, $0.request.slug) }
    }

    /// Takes over what jobs say of their records, and has their users looked up for the rights that they have.
    func own(_ jobs: [Job]) async {
        retentions = [:]
        for job in jobs {
            guard let keep = job.options.keep else { continue }
            var retention = Retention()
            (retention.runs, retention.age) = (keep.runs, keep.age)
            retentions[job.slug] = retention
        }
        let (owners, accounts) = (owners, accounts)
        await names.perform { owners.replace(jobs, accounts, own: geteuid()) }
    }

    /// Why a peer may not use a slug; nil if it may.
    func refusal(of peer: Peer, _ slug: Slug) async throws(SystemError) -> String? {
        let rights = rights
        return try await disk.perform { () throws(SystemError) in try rights.refusal(of: peer, slug, claims: false) }
    }

    /// The jobs of a reply, each with its last run.
    func describe(_ views: [JobScheduler.View]) async -> [JSON] {
        let state = configuration.state
        return await bulk.perform { views.map { .object($0.members + Self.last(of: $0.job, state: state)) } }
    }

    /// Runs before the last that are looked at for one that has ended.
    private static let mostActive = 20

    private static func last(of job: Job, state: String) -> [JSON.Member] {
        let runs = (try? RunDirectory.all(state: state, slug: job.slug)) ?? []
        for directory in runs.sorted(by: { $0.run > $1.run }).prefix(mostActive) {
            guard let ended = (try? directory.exit()) ?? nil else { continue }
            let last: JSON = [
                "run": .string(directory.run.text), "at": .string(ended.at.rfc3339),
                "outcome": clipped(ended.outcome).json,
                "success": .bool(job.options.successCodes.isSuccess(ended.outcome)),
            ]
            return [JSON.Member("last", last)]
        }
        return []
    }

    /// The last runs of a job, and how long those that ended by themselves usually take.
    func pastRuns(of slug: Slug, for peer: Peer) async -> ([JSON], TimeSpan?) {
        var wanted = ListRequest(slug: slug)
        wanted.page.limit = 10
        let runs = await list(wanted, for: peer).parameters["runs"]?.array ?? []
        let state = configuration.state
        return (runs, await bulk.perform { RunDurations(state: state).usual(of: slug) })
    }

    /// What Charon said last of a job's own switch; nil if it has said nothing that counts.
    func lastAnswer(to job: Job) async -> JSON? {
        let uid = owners[job.slug] ?? geteuid()
        let name = applications.memoryName(of: job.options.application ?? applications.defaultName(for: uid), for: uid)
        let memory = GateMemory(directory: "\(configuration.state)/gate/\(name)")
        return await disk.perform { memory.last(for: job.slug, at: .now()) }.map {
            ["active": .bool($0.mayRun), "at": .string($0.at.rfc3339)]
        }
    }

    /// A run that nobody follows any more has ended, if there was one.
    private func past(_ run: RunID, for peer: Peer) async -> VarlinkReply {
        await details(of: run, for: peer).error == nil ? .notRunning("the run has ended") : .noSuchRun
    }

    /// Tells the supervisor of a run to stop it; the reply to `Stop`.
    func stop(_ run: RunID, for peer: Peer) async -> VarlinkReply {
        guard let entry = entries[run] else { return await past(run, for: peer) }
        guard rights.mayRead(peer, uid: entry.request.uid) else { return .noSuchRun }
        guard rights.isOperator(peer) || peer.uid == entry.request.uid else {
            return .permissionDenied("the run \(run) is another's")
        }
        guard entry.isActive, let follower = entry.follower else {
            return .notRunning(entry.isActive ? "the run is at its gate" : "the run has ended")
        }
        let directory = RunDirectory(state: configuration.state, slug: entry.request.slug, run: run)
        let records = await disk.perform { (try? directory.supervisorRecords()) ?? [] }
        guard case .started(let started)? = records.first, records.count == 1 else {
            return .notRunning(records.isEmpty ? "the run has not started yet" : "the run has ended")
        }
        follower.stopper.withLock { $0 = "uid \(peer.uid)" }
        // The record of a wrapped line is its user's word.
        let uid = entry.request.job == nil ? entry.request.uid : nil
        guard Orphan.signal(started.supervisor, SIGTERM, boot: started.boot, uid: uid) else {
            return .notRunning("its supervisor has gone")
        }
        log.notice("told to stop", metadata: metadata(entry.request, ["uid": "\(peer.uid)"]))
        return VarlinkReply()
    }
}
