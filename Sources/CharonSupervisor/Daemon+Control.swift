package import CharonControl
package import CharonCore
package import CharonRuns
import Glibc
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
        while let entry = entries[run] {
            guard rights.mayRead(peer, uid: entry.request.uid) else { return .noSuchRun }
            if let task = entry.task { return VarlinkReply(["delivered": .bool(await task.value == .delivered)]) }
            guard !isStopping else { return VarlinkReply(["delivered": false]) }
            // A short command may have ended before it was noted here that the reply to its Begin went out.
            await untilRunsChange()
        }
        return VarlinkReply(["delivered": true])
    }

    /// Numbers for everybody; addresses and backlogs for those who run the daemon.
    ///
    /// With `after`, the applications whose names come after that one.
    ///
    /// `jobs` are the members about jobs.
    package func status(for peer: Peer, after: String? = nil, jobs: [JSON.Member] = []) -> VarlinkReply {
        let backlogs = Dictionary(grouping: entries.values.filter { !$0.isActive }, by: \.request.application)
        var found = Page(limit: .max)
        for application in rights.isOperator(peer) ? applications.all : [] {
            if let after, application.name <= after { continue }
            guard found.add(Self.describe(application, backlog: backlogs[application.name]?.count ?? 0)) else { break }
        }
        let members: JSON = [
            "version": .string(configuration.version), "private": .bool(configuration.isPrivate),
            "active": .integer(Int64(entries.values.count(where: \.isActive))),
            "disk": rights.isOperator(peer) ? diskStatus : nil,
            "applications": .array(found.elements), "more": .bool(found.isCut), "pid": .integer(Int64(getpid())),
        ]
        return VarlinkReply(.object((members.members ?? []) + jobs))
    }

    private static func describe(_ application: Application, backlog: Int) -> JSON {
        let health = application.health
        let breaker =
            switch health.breaker.condition {
            case .closed: "closed"
            case .open: "open"
            case .probing: "probing"
            }
        let opening = health.opening(at: SteadyClock.now(), wall: .now())
        return [
            "name": .string(application.name), "url": .string(SafeText.clipped(application.url, to: 1000)),
            "reachable": .bool(health.breaker.isClosed), "backlog": .integer(Int64(backlog)),
            "breaker": .string(breaker), "open_until": opening.map { .string($0.rfc3339) },
            "last_success": health.lastSuccess.map { .string($0.rfc3339) },
            "last_error": health.lastFailure.map {
                ["at": .string($0.at.rfc3339), "text": .string(SafeText.clipped($0.text, to: 1000))]
            },
        ]
    }
}
