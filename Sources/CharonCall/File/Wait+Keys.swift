import CharonCore
import CharonJobs
import HTTPTypes
import Yams

extension Wait {
    static let keys: [Key<Wait>] = [
        Key(
            "request", "What is sent each time (required).", RequestTemplate.grammar, into: \.request, fallback: "none",
            good: "{path: \"/operations/{{a}}\"}", bad: "{path: ›operations}"),
        Key(
            "until", "What tells that it is over (required): a value of the answer, or its status.",
            Grammar.mapping(Until.keys, Until()).checked(Until.complaint), into: \.until, fallback: "none",
            good: "{pointer: /status, done: [SUCCESS], failed: [ERROR]}", bad: "›{done: [SUCCESS]}"),
        Key(
            "when", "Only after a first answer of one of these statuses.", .statuses, into: \.when,
            fallback: "after each success", good: "202", bad: "accepted"),
        Key(
            "interval", "The time between two requests.", .timeSpanAboveZero, into: \.interval, fallback: "5s",
            good: "10s", bad: "0"),
        Key(
            "backoff", "Each interval is so many times the one before it.", .decimal(1...10), into: \.backoff,
            fallback: "1", good: "1.5", bad: "0.5"),
        Key(
            "at_most", "No interval is longer.", .timeSpanAboveZero, into: \.longestInterval, fallback: "1min",
            good: "5min", bad: "never"),
        Key(
            "deadline", "How long it is waited for, at most.", .timeSpanAboveZero, into: \.deadline,
            fallback: "the deadline of the call", good: "30min", bad: "soon"),
        Key(
            "progress", "A line that is printed when it changes.", .template(), into: \.progress, fallback: "none",
            good: "\"status {{status}}\"", bad: "[a]"),
        Key(
            "values", "Names for what stands in each answer.", .pointed, into: \.values, fallback: "none",
            good: "{state: /status}", bad: "{state: ›status}"),
    ]

    /// What is wrong with a wait as a whole.
    static let complaint: @Sendable (Wait) -> String? = { wait in
        if wait.request == nil { return "has no \"request\": say what is sent each time" }
        if wait.until.pointer == nil && wait.until.status == nil { return "has no \"until\": say when it is over" }
        return nil
    }
}

extension Wait.Until {
    static let keys: [Key<Wait.Until>] = [
        Key(
            "pointer", "Where the answer says it (RFC 6901).", .pointer, into: \.pointer, fallback: "none",
            good: "/status", bad: "status"),
        Key(
            "done", "Values that stand for success.", .words(), into: \.done, fallback: "none", good: "[SUCCESS]",
            bad: "[]"),
        Key(
            "failed", "Values that stand for failure.", .words(), into: \.failed, fallback: "none", good: "[ERROR]",
            bad: "[]"),
        Key(
            "pending", "Values that stand for waiting; anything else is then refused.", .words(), into: \.pending,
            fallback: "all that is neither done nor failed", good: "[IN_PROGRESS]", bad: "[]"),
        Key(
            "status", "The same by the status of the answer.",
            Grammar.mapping(Wait.Statuses.keys, Wait.Statuses()).checked { $0.done.isEmpty ? "has no \"done\"" : nil },
            into: \.status, fallback: "none", good: "{done: 204, pending: 302}", bad: "{done: ›ended}"),
    ]

    static let complaint: @Sendable (Wait.Until) -> String? = { until in
        if (until.pointer == nil) == (until.status == nil) {
            return "needs either \"pointer\", with \"done\" and \"failed\", or \"status\""
        }
        if until.pointer != nil, until.done.isEmpty { return "has no \"done\": say which values stand for success" }
        if until.status != nil, !until.done.isEmpty || !until.failed.isEmpty || until.pending != nil {
            return "has values without a \"pointer\": statuses belong into \"status\""
        }
        return nil
    }
}

extension Wait.Statuses {
    static let keys: [Key<Wait.Statuses>] = [
        Key(
            "done", "Statuses that stand for success (required).", .statuses, into: \.done, fallback: "none",
            good: "204", bad: "no"),
        Key(
            "failed", "Statuses that stand for failure.", .statuses, into: \.failed, fallback: "none", good: "410",
            bad: "no"),
        Key(
            "pending", "Statuses that stand for waiting; anything else is then refused.", .statuses, into: \.pending,
            fallback: "all others below 400", good: "302", bad: "no"),
    ]
}
