package import CharonCore
import CharonRuns

/// A switch that an operator has turned off: nothing scheduled starts meanwhile.
package struct Pause: Hashable, Sendable {
    package var since: Instant
    /// When it ends by itself; nil for never.
    package var until: Instant?
    package var reason: String?
    /// Who paused it.
    package var uid: UInt32

    package init(since: Instant, until: Instant? = nil, reason: String? = nil, uid: UInt32) {
        self.since = since
        self.until = until
        self.reason = reason
        self.uid = uid
    }

    func counts(at now: Instant) -> Bool { until.map { now < $0 } ?? true }

    /// The form in the state directory and in replies.
    package var json: JSON {
        [
            "since": .string(since.rfc3339), "until": until.map { .string($0.rfc3339) },
            "reason": reason.map { .string($0) }, "uid": .integer(Int64(uid)),
        ]
    }

    init?(json: JSON) {
        guard let since = Instant(json: json["since"]), let uid = json["uid"]?.integer.flatMap(UInt32.init(exactly:))
        else { return nil }
        self.init(since: since, until: Instant(json: json["until"]), reason: json["reason"]?.string, uid: uid)
    }
}

/// All pauses: of jobs, and that of all jobs.
package struct Pauses: Hashable, Sendable {
    package var all: Pause?
    package var jobs: [Slug: Pause] = [:]

    static let version: Int64 = 1

    package init() {}

    /// What keeps a job from being started at a time; that of all jobs goes before its own.
    package func pause(of slug: Slug, at now: Instant) -> Pause? {
        if let all, all.counts(at: now) { return all }
        return jobs[slug].flatMap { $0.counts(at: now) ? $0 : nil }
    }

    package var json: JSON {
        let members = jobs.sorted { $0.key < $1.key }.map { JSON.Member($0.key.text, $0.value.json) }
        return ["v": .integer(Self.version), "all": all?.json, "jobs": .object(members)]
    }

    /// Nil for what this release cannot read.
    package init?(json: JSON) {
        guard json["v"]?.integer == Self.version, let members = json["jobs"]?.members else { return nil }
        all = json["all"].flatMap(Pause.init(json:))
        for member in members {
            guard let slug = Slug(member.name), let pause = Pause(json: member.value) else { continue }
            jobs[slug] = pause
        }
    }
}
