package import CharonControl
import CharonCore
import CharonRuns
import Glibc

extension Daemon {
    /// A run of which something may wait, with what the daemon knows of it beyond its record.
    private struct Candidate: Sendable {
        let request: RunRequest
        /// Why nothing at all goes out to its application, if that is so.
        let obstacle: String?
    }

    /// What waits for Charon of the runs that the caller may see, the oldest first.
    package func outbox(for peer: Peer, page: PageRequest = PageRequest()) async -> VarlinkReply {
        let showsErrors = rights.isOperator(peer)
        // A run without a follower is at its gate: whether it runs at all is not decided.
        let candidates = entries.values
            .filter { $0.follower != nil && rights.mayRead(peer, uid: $0.request.uid) }
            .filter { entry in page.from.map { entry.request.run > $0 } ?? true }
            .sorted { $0.request.run < $1.request.run }
            .map { Candidate(request: $0.request, obstacle: obstacle(to: $0, showsErrors: showsErrors)) }
        let (state, cap) = (configuration.state, configuration.limits.cap)
        let found = await bulk.perform {
            var found = Page(limit: page.limit)
            var room = Self.mostCounted
            for candidate in candidates {
                guard let waiting = Self.describe(candidate, state: state, cap: cap, room: &room) else { continue }
                guard found.add(waiting) else { break }
            }
            return found
        }
        return VarlinkReply(["runs": .array(found.elements), "more": .bool(found.isCut)])
    }

    /// How many bytes of output are read for one reply to count their lines.
    private static let mostCounted: Int64 = 32 << 20

    private func obstacle(to entry: Entry, showsErrors: Bool) -> String? {
        let name = entry.request.application
        guard let application = entry.application ?? applications.named(name) else {
            return configuration.isPrivate
                ? "the key of the application \(name) is not known: the next line of charon-run brings it"
                : "there is no application \(name) in charon.yaml"
        }
        let health = application.health
        guard !health.breaker.isClosed else { return nil }
        var text = "Charon is unreachable"
        let now = Instant.now()
        if let opening = health.opening(at: SteadyClock.now(), wall: now), opening > now {
            text += ", the next request goes out at \(opening.rfc3339.prefix(19))Z"
        }
        if showsErrors, let failure = health.lastFailure { text += ": \(failure.text)" }
        return text
    }

    /// Nil if nothing of the run waits.
    private static func describe(
        _ candidate: Candidate, state: String, cap: RunCap, room: inout Int64
    ) -> JSON? {
        let request = candidate.request
        let directory = RunDirectory(state: state, slug: request.slug, run: request.run)
        // One that was delivered and removed meanwhile.
        guard access(directory.path, F_OK) == 0 else { return nil }
        let delivery = ((try? directory.delivery()) ?? nil) ?? DeliveryRecord()
        let ended = (try? directory.exit()) ?? nil
        let size = ended?.outputBytes ?? (try? OutputReader(directory).size) ?? 0
        let bytes = delivery.waitingBytes(before: size)
        guard let next = Waiting.next(delivery, hasEnded: ended != nil, bytes: bytes, cap: cap) else { return nil }
        let lines = try? Waiting.lines(of: directory, delivery, to: size, room: &room)
        let reason = (candidate.obstacle ?? delivery.note).map { SafeText.clipped($0, to: 1000) }
        return [
            "run": .string(request.run.text), "slug": .string(request.slug.text),
            "application": .string(request.application), "next": .string(next.rawValue),
            "reason": reason.map { .string($0) }, "asked_at": .string(request.askedAt.rfc3339),
            "ended_at": ended.map { .string($0.at.rfc3339) }, "bytes": .integer(bytes),
            "lines": lines.map { .integer($0) }, "set_aside": setAside(delivery),
            "dropped": dropped(delivery),
        ]
    }
}
