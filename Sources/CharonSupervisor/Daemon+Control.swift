package import CharonControl
package import CharonCore
package import CharonRuns
import Logging

extension Daemon {
    /// The reply to `Begin` has gone out, or its caller had gone.
    package func handedOver(_ request: RunRequest, wasTaken: Bool) async {
        guard let entry = entries[request.run], entry.follower == nil else { return }
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        if !wasTaken {
            log.warning("caller gone before its run", metadata: metadata(request, [:]))
            if entry.delivery.start == .unsent { return await drop(directory) }
        }
        follow(directory, entry.request, entry.delivery)
    }

    /// Answers when a run is delivered; at once for one that is not followed any more.
    package func awaitDelivery(_ run: RunID, for peer: Peer) async -> VarlinkReply {
        guard let entry = entries[run] else { return VarlinkReply(["delivered": true]) }
        guard rights.mayRead(peer, uid: entry.request.uid) else { return .noSuchRun }
        guard let task = entry.task, await task.value == .delivered else { return VarlinkReply(["delivered": false]) }
        return VarlinkReply(["delivered": true])
    }

    /// The runs that the caller may see, the oldest first.
    package func list(for peer: Peer, slug: String?) async -> VarlinkReply {
        let (state, rights) = (configuration.state, rights)
        let live = entries.mapValues(\.isActive)
        let runs: [JSON]
        do {
            runs = try await bulk.perform { () throws(SystemError) in
                try RunDirectory.all(state: state)
                    .filter { slug == nil || $0.slug.text == slug }
                    .compactMap { directory in
                        guard let request = try? directory.request(), rights.mayRead(peer, uid: request.uid) else {
                            return nil
                        }
                        return Self.describe(directory, request, isActive: live[request.run] ?? false)
                    }
            }
        } catch {
            return .recordFailed("\(error)")
        }
        return VarlinkReply(["runs": .array(runs)])
    }

    private static func describe(_ directory: RunDirectory, _ request: RunRequest, isActive: Bool) -> JSON {
        let delivery = (try? directory.delivery()) ?? nil
        var execution: ExecutionID?
        if case .answered(let id)? = delivery?.start { execution = id }
        return [
            "run": .string(request.run.text), "slug": .string(request.slug.text),
            "uid": .integer(Int64(request.uid)), "asked_at": .string(request.askedAt.rfc3339),
            "running": .bool(isActive), "delivered": .bool(delivery?.isDone ?? false),
            "execution": execution.map { .string($0.text) },
            "outcome": ((try? directory.exit()) ?? nil)?.outcome.json, "note": delivery?.note.map { .string($0) },
        ]
    }

    /// Numbers for everybody; addresses and backlogs for those who run the daemon.
    package func status(for peer: Peer) -> VarlinkReply {
        let backlogs = Dictionary(grouping: entries.values.filter { !$0.isActive }, by: \.request.application)
        return VarlinkReply([
            "version": .string(configuration.version), "private": .bool(configuration.isPrivate),
            "active": .integer(Int64(entries.values.count(where: \.isActive))),
            "applications": .array(
                (rights.isOperator(peer) ? applications.all : []).map { application in
                    [
                        "name": .string(application.name), "url": .string(application.url),
                        "reachable": .bool(application.isReachable),
                        "backlog": .integer(Int64(backlogs[application.name]?.count ?? 0)),
                    ]
                }),
        ])
    }
}
