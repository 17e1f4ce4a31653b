package import CharonCore
package import CharonRuns
import Glibc

/// `history.jsonl`: one line for each run whose directory is gone.
package struct History: Sendable {
    private let path: String

    package init(state: String) { path = "\(state)/history.jsonl" }

    /// Appends a line for a run; nothing of its output is kept.
    package func append(
        _ request: RunRequest, outcome: RunOutcome, execution: ExecutionID?, endedAt: Instant, note: String?
    ) throws(SystemError) {
        let line: JSON = [
            "v": 1, "run": .string(request.run.text), "slug": .string(request.slug.text),
            "application": .string(request.application), "uid": .integer(Int64(request.uid)),
            "asked_at": .string(request.askedAt.rfc3339), "ended_at": .string(endedAt.rfc3339),
            "outcome": outcome.json, "execution": execution.map { .string($0.text) },
            "note": note.map { .string($0) },
        ]
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
        // A line that was torn by a full disk must not take this one with it.
        let size = try file.size
        let isTorn = size > 0 ? try file.read(at: size - 1, limit: 1) != [0x0A] : false
        try file.write((isTorn ? [0x0A] : []) + line.bytes + [0x0A])
    }
}

/// Which delivered runs keep their directory: the newest `runs` of a slug that are not older than `age`.
package struct Retention: Hashable, Sendable {
    package var runs = 50
    package var age = TimeSpan.seconds(7 * 86_400)

    package init() {}

    /// The runs of one slug to be removed, out of its delivered ones.
    package func expired(_ delivered: [RunID], at now: Instant) -> [RunID] {
        let oldest = RunID(at: now.advanced(bySeconds: -age.seconds), random: 0)
        let newest = delivered.sorted(by: >)
        return newest.enumerated().filter { index, run in index >= runs || run < oldest }.map(\.element)
    }
}
