import CharonControl
package import CharonCore
import CharonRuns
import Glibc

/// Breakers that are open, `<state>/breakers/<application>`: an outage is the next daemon's from its start.
///
/// A file is there while Charon is unreachable. One of another version, for another URL, or whose last failure is older
/// than `Timing.breakerMemory`, says nothing.
package struct BreakerMemory: Sendable {
    private static let version: Int64 = 1

    let directory: String

    package init(state: String) { directory = "\(state)/breakers" }

    /// What is kept of an application; nothing while its breaker is closed.
    package func write(_ health: Health, of application: String, url: String, at now: Instant, wall: Instant)
        throws(SystemError)
    {
        let path = "\(directory)/\(application)"
        guard let outage = health.breaker.outage(at: now), let failure = health.lastFailure else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path) }
            return
        }
        let json: JSON = [
            "v": .integer(Self.version), "url": .string(url), "attempt": .integer(Int64(outage.attempt)),
            "until": .string(wall.advanced(bySeconds: outage.until.seconds(since: now)).rfc3339),
            "failed_at": .string(failure.at.rfc3339), "reason": .string(SafeText.clipped(failure.text, to: 1000)),
        ]
        try RecordFile.makeDirectory(directory)
        try RecordFile.replace(path, with: json.bytes, durability: .process)
    }

    /// How an application did when an earlier daemon left it unreachable; nil if it did not, or long ago.
    package func health(of application: String, url: String, at now: Instant, wall: Instant) -> Health? {
        guard let json = (try? RecordFile.readJSON("\(directory)/\(application)")) ?? nil,
            json["v"]?.integer == Self.version, json["url"]?.string == url,
            let attempt = json["attempt"]?.integer.flatMap(Int.init(exactly:)), attempt >= 0,
            let until = Instant(json: json["until"]), let failedAt = Instant(json: json["failed_at"]),
            let reason = json["reason"]?.string,
            (0..<Timing.breakerMemory.seconds).contains(wall.seconds(since: failedAt))
        else { return nil }
        // A wall clock that was stepped must not keep requests back for longer than a back-off.
        let pause = min(max(until.seconds(since: wall), 0), Timing.backoff.most.seconds)
        return Health(
            unreachableUntil: now.advanced(bySeconds: pause), attempt: attempt,
            failure: Health.Failure(at: failedAt, text: reason))
    }
}
