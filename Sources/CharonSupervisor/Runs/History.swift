package import CharonCore
package import CharonRuns
import Glibc
import Synchronization

/// `history.jsonl`: one line for each run whose directory is gone.
///
/// A file that has become too large becomes `history.jsonl.1`, in the place of an earlier one.
package final class History: Sendable {
    private let path: String
    private let mostBytes: Int64
    /// Lines come from several threads, and a file must not be turned over twice.
    private let turn = Mutex(())

    /// Both files together take at most an eighth of `budget`, and never more than 16 MiB.
    package init(state: String, budget: DiskBudget = DiskBudget()) {
        path = "\(state)/history.jsonl"
        mostBytes = min(max(budget.limit.bytes / 16, 65_536), 8 << 20)
    }

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
        try turn.withLock { _ throws(SystemError) in try append(line.bytes) }
    }

    private func append(_ line: [UInt8]) throws(SystemError) {
        var file = try open()
        if try file.size >= mostBytes, rename(path, path + ".1") == 0 { file = try open() }
        // A line that was torn by a full disk must not take this one with it.
        let size = try file.size
        let isTorn = size > 0 ? try file.read(at: size - 1, limit: 1) != [0x0A] : false
        try file.write((isTorn ? [0x0A] : []) + line + [0x0A])
    }

    private func open() throws(SystemError) -> Descriptor {
        try Descriptor.open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
    }

    /// The line of a run; nil if there is none, or it is too old to be kept.
    static func line(of run: RunID, state: String) -> JSON? {
        let mark = "\"\(run.text)\""
        for name in ["history.jsonl", "history.jsonl.1"] {
            guard let bytes = (try? RecordFile.read("\(state)/\(name)")) ?? nil, let place = bytes.find(mark) else {
                continue
            }
            let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
            if let line = try? JSON.parse(bytes[start..<end]), line["run"]?.string == run.text { return line }
        }
        return nil
    }

    /// Turns a delivered run into a line and removes its record; what that took of the disk.
    ///
    /// Nothing is done to a run that cannot be read or is not delivered: one such run must not keep the others.
    package func retire(_ directory: RunDirectory) throws(SystemError) -> DiskUse {
        guard let request = (try? directory.request()) ?? nil, let delivery = (try? directory.delivery()) ?? nil,
            delivery.isDone, let ended = (try? directory.exit()) ?? nil
        else { return DiskUse() }
        let use = directory.use
        var execution: ExecutionID?
        if case .answered(let id) = delivery.start { execution = id }
        // On a full disk there is room for the line only when the output has gone.
        directory.removeOutput()
        try append(request, outcome: ended.outcome, execution: execution, endedAt: ended.at, note: delivery.note)
        directory.remove()
        return use
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

extension [UInt8] {
    /// Where `text` begins for the first time (strstr(3)); a line of JSON holds no NUL.
    fileprivate func find(_ text: String) -> Int? {
        (self + [0]).withUnsafeBytes { buffer in
            let start = buffer.assumingMemoryBound(to: CChar.self).baseAddress
            return start.flatMap { start in strstr(start, text).map { start.distance(to: UnsafePointer($0)) } }
        }
    }
}
