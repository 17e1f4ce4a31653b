package import CharonControl
package import CharonCore
import CharonRuns
import Glibc

extension Daemon {
    /// Everything that is recorded about one run, which the caller must be allowed to see.
    package func details(of run: RunID, for peer: Peer) async -> VarlinkReply {
        let isActive = entries[run]?.isActive ?? false
        let slug = entries[run]?.request.slug
        let (state, rights) = (configuration.state, rights)
        do {
            return try await bulk.perform { () throws(SystemError) in
                switch try Self.recorded(run, of: slug, state: state, rights, peer) {
                case .kept(let directory, let request):
                    VarlinkReply(Self.details(directory, request, isActive: isActive))
                case .past(let line): VarlinkReply(Self.past(line))
                case .nothing: .noSuchRun
                }
            }
        } catch {
            return .recordFailed("\(error)")
        }
    }

    /// What there is of a run that a caller may see.
    enum Recorded {
        case kept(RunDirectory, RunRequest)
        /// Its record is gone, or it was skipped: its line of the history.
        case past(JSON)
        case nothing
    }

    /// Looks for a run; `slug` is its cron, if that is known.
    static func recorded(
        _ run: RunID, of slug: Slug?, state: String, _ rights: Rights, _ peer: Peer
    ) throws(SystemError) -> Recorded {
        let directory =
            slug.map { RunDirectory(state: state, slug: $0, run: run) } ?? RunDirectory.find(run, state: state)
        if let directory, let request = try directory.request(), rights.mayRead(peer, uid: request.uid) {
            return .kept(directory, request)
        }
        guard let line = History.line(of: run, state: state), let uid = line["uid"]?.integer,
            rights.mayRead(peer, uid: UInt32(clamping: uid))
        else { return .nothing }
        return .past(line)
    }

    private static func past(_ line: JSON) -> JSON {
        [
            "run": line["run"], "slug": line["slug"], "application": line["application"], "uid": line["uid"],
            "asked_at": line["asked_at"], "running": false, "kept": false,
            "ended": ["at": line["ended_at"], "outcome": line["outcome"]],
            "delivery": [
                "delivered": true, "execution": line["execution"],
                "note": line["note"]?.string.map { .string(SafeText.clipped($0, to: 1000)) },
            ],
        ]
    }

    private static func details(_ directory: RunDirectory, _ request: RunRequest, isActive: Bool) -> JSON {
        let delivery = directory.deliveryOrNone
        let ended = (try? directory.exit()) ?? nil
        var started: SupervisorRecord.Started?
        for case .started(let found) in supervisorRecords(directory) { started = found }
        let size = (try? OutputReader(directory).size) ?? 0
        return [
            "run": .string(request.run.text), "slug": .string(request.slug.text),
            "application": .string(request.application), "uid": .integer(Int64(request.uid)),
            "asked_at": .string(request.askedAt.rfc3339), "running": .bool(isActive), "kept": true,
            "path": .string(directory.path), "asked": asked(request),
            "started": started.map {
                [
                    "at": .string($0.at.rfc3339), "pid": .integer(Int64($0.child.pid)),
                    "supervisor": .integer(Int64($0.supervisor.pid)),
                ]
            },
            "ended": ended.map(describe),
            "output": [
                "bytes": .integer(size), "allocated": .integer(directory.outputUse), "dropped": dropped(delivery),
            ],
            "delivery": describe(delivery, waiting: delivery.waitingBytes(before: ended?.outputBytes ?? size)),
            "attempt": request.job.map { .integer(Int64($0.attempt)) },
            "due": request.job.map { .array($0.times.map { .string($0) }) },
        ]
    }

    /// The lines of the supervisor's file, as far as one of ours is long: its writer may be the job's user.
    private static func supervisorRecords(_ directory: RunDirectory) -> [SupervisorRecord] {
        let file = try? Descriptor.open(directory.supervisorPath, O_RDONLY | O_NOFOLLOW)
        return SupervisorRecord.read((try? file?.read(at: 0, limit: FollowedRecord.longestSupervisor)) ?? [])
    }

    /// A caller may say as much as a message has room for, and a character can take six bytes.
    private static func asked(_ request: RunRequest) -> JSON {
        var words = Page(limit: .max, bytes: 65_536)
        for word in request.argv { guard words.add(.string(SafeText.clipped(word, to: 4096))) else { break } }
        let policies = request.policies
        return [
            "argv": .array(words.elements + (words.isCut ? ["…"] : [])),
            "directory": .string(SafeText.clipped(request.directory, to: 4096)), "host": .string(request.host),
            "cron_id": request.cronID.map { .string(SafeText.clipped($0.text, to: 1000)) },
            "when_unreachable": .string(policies.whenUnreachable.rawValue),
            "when_unregistered": .string(policies.whenUnregistered.rawValue),
            "when_uncertain": .string(policies.whenUncertain.rawValue), "overlap": .string(policies.overlap.rawValue),
            "success_codes": .string(SafeText.clipped(policies.successCodes.description, to: 1000)),
            "timeout_ms": request.timeout.map { .integer($0.milliseconds) },
        ]
    }

    /// Names of processes are whatever their owner says.
    private static func describe(_ ended: SupervisorRecord.Ended) -> JSON {
        [
            "at": .string(ended.at.rfc3339), "outcome": clipped(ended.outcome).json,
            "exit_code": .integer(Int64(ended.exitCode)), "duration_ms": .integer(ended.duration.milliseconds),
            "user_ms": .integer(ended.userTime.milliseconds), "system_ms": .integer(ended.systemTime.milliseconds),
            "max_resident_kib": .integer(ended.maxResident), "stdout_lines": .integer(ended.stdoutLines),
            "stderr_lines": .integer(ended.stderrLines), "output_bytes": .integer(ended.outputBytes),
            "lost_bytes": .integer(ended.lostBytes),
            "holders": .array(ended.holders.prefix(32).map { .string(SafeText.clipped($0, to: 100)) }),
        ]
    }

    private static func describe(_ delivery: DeliveryRecord, waiting: Int64) -> JSON {
        let start =
            switch delivery.start {
            case .unsent: "unsent"
            case .sent: "sent"
            case .answered: "answered"
            case .refused: "refused"
            case .uncertain: "uncertain"
            }
        return [
            "gate": .string(delivery.gate.rawValue), "start": .string(start), "late": .bool(delivery.isLate),
            "execution": delivery.start.execution.map { .string(SafeText.clipped($0.text, to: 1000)) },
            "cron_id": delivery.cronID.map { .string(SafeText.clipped($0.text, to: 1000)) },
            "delivered": .bool(delivery.isDone), "end": .string(delivery.end.rawValue),
            "messages": .integer(delivery.messages), "lines": .integer(delivery.lines),
            "waiting_bytes": .integer(waiting), "note": delivery.note.map { .string(SafeText.clipped($0, to: 1000)) },
            "set_aside": setAside(delivery), "set_aside_messages": .array(delivery.setAside.messages.map(describe)),
        ]
    }
}
