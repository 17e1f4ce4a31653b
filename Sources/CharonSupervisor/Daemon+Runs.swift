package import CharonControl
import CharonCore
import CharonRuns

extension Daemon {
    /// The newest runs that the caller may see, the oldest of them first.
    package func list(_ wanted: ListRequest = ListRequest(), for peer: Peer) async -> VarlinkReply {
        let (state, rights) = (configuration.state, rights)
        let live = entries.mapValues(\.isActive)
        do {
            let found = try await bulk.perform { () throws(SystemError) in
                let runs = try RunDirectory.all(state: state, slug: wanted.slug)
                    .filter { directory in wanted.page.from.map { directory.run < $0 } ?? true }
                    .sorted { $0.run > $1.run }
                var found = Page(limit: wanted.page.limit)
                for directory in runs {
                    let ended = (try? directory.exit()) ?? nil
                    // First, as one who follows a cron asks this again and again.
                    if let since = wanted.since, let ended, ended.at < since { continue }
                    guard let request = (try? directory.request()) ?? nil, rights.mayRead(peer, uid: request.uid),
                        !wanted.failedOnly || Self.hasFailed(request, ended)
                    else { continue }
                    let isActive = live[directory.run] ?? false
                    guard found.add(Self.describe(directory, request, ended, isActive: isActive)) else { break }
                }
                return found
            }
            return VarlinkReply(["runs": .array(found.elements.reversed()), "more": .bool(found.isCut)])
        } catch {
            return .recordFailed("\(error)")
        }
    }

    private static func hasFailed(_ request: RunRequest, _ ended: SupervisorRecord.Ended?) -> Bool {
        ended.map { !request.policies.successCodes.isSuccess($0.outcome) } ?? false
    }

    private static func describe(
        _ directory: RunDirectory, _ request: RunRequest, _ ended: SupervisorRecord.Ended?, isActive: Bool
    ) -> JSON {
        let delivery = (try? directory.delivery()) ?? nil
        return [
            "run": .string(request.run.text), "slug": .string(request.slug.text),
            "uid": .integer(Int64(request.uid)), "asked_at": .string(request.askedAt.rfc3339),
            "ended_at": ended.map { .string($0.at.rfc3339) },
            "running": .bool(isActive), "delivered": .bool(delivery?.isDone ?? false),
            "execution": delivery?.start.execution.map { .string($0.text) },
            "outcome": ended.map { clipped($0.outcome).json },
            "set_aside": delivery.flatMap(setAside), "dropped": delivery.flatMap(dropped),
            "note": delivery?.note.map { .string(SafeText.clipped($0, to: 1000)) },
            "attempt": request.job.map { .integer(Int64($0.attempt)) },
            "due": request.job.map { .array($0.times.map { .string($0) }) },
        ]
    }

    /// Words in an outcome are the supervisor's, which may belong to the job's user.
    static func clipped(_ outcome: RunOutcome) -> RunOutcome {
        switch outcome {
        case .couldNotStart(let step, let errno): .couldNotStart(step: SafeText.clipped(step, to: 100), errno: errno)
        case .stopped(let by, let signal): .stopped(by: SafeText.clipped(by, to: 100), signal: signal)
        case .skipped, .exited, .killed, .outOfMemory, .timedOut, .lost: outcome
        }
    }

    /// How many messages of a run Charon could not take; nil for none.
    static func setAside(_ delivery: DeliveryRecord) -> JSON? {
        delivery.setAside.count > 0 ? .integer(delivery.setAside.count) : nil
    }
}

extension DeliveryRecord.Start {
    /// The execution that Charon has begun; nil if none is known.
    var execution: ExecutionID? { if case .answered(let id) = self { id } else { nil } }
}
