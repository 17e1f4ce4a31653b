package import CharonCore

/// What a run of a job stands for: why it was started, which times of its schedule it is, the how manieth attempt.
///
/// It is kept in the run's record, so that a later daemon neither starts it again nor forgets what follows it.
package struct JobMark: Hashable, Sendable {
    /// Why a job is started.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Its schedule says so.
        case due
        /// Its schedule said so while the daemon was away or the machine slept (`catch_up`).
        case missed
        /// An earlier attempt failed (`retries`).
        case retry
        /// An operator asked for it.
        case hand
    }

    package var reason: Reason
    /// When it was due, by the wall clock.
    package var due: Instant
    /// The local times of the schedule that it stands for, ISO 8601; at most `mostTimes`, the latest ones.
    package var times: [String]
    /// Counted from 1.
    package var attempt: Int

    package static let mostTimes = 100

    package init(_ reason: Reason, due: Instant, times: [String] = [], attempt: Int = 1) {
        self.reason = reason
        self.due = due
        self.times = times.suffix(Self.mostTimes)
        self.attempt = attempt
    }

    /// What the command is told of `due`, in whole seconds (RFC 3339): `2026-03-29T01:30:00Z`.
    package var nominalTime: String { "\(due.rfc3339.prefix(19))Z" }

    package var json: JSON {
        [
            "reason": .string(reason.rawValue), "due": .string(due.rfc3339),
            "times": .array(times.map { .string($0) }), "attempt": .integer(Int64(attempt)),
        ]
    }

    /// Nil for what this release does not know.
    package init?(json: JSON) {
        guard let reason = json["reason"]?.string.flatMap(Reason.init), let due = Instant(json: json["due"]),
            let times = json["times"]?.array, let attempt = json["attempt"]?.integer.flatMap(Int.init(exactly:)),
            attempt >= 1
        else { return nil }
        self.init(reason, due: due, times: times.compactMap(\.string), attempt: attempt)
    }
}
