package import CharonCore
import Glibc

/// How long the runs of a slug take, from the records and the history below a state directory.
package struct RunDurations: Sendable {
    /// Fewer runs say nothing of what is usual.
    private static let fewest = 3
    private static let most = 20
    private static let largestRecord = 1 << 16
    private static let largestHistory = 16 << 20

    private let state: String
    /// Of runs that are no longer kept, in milliseconds, the latest last.
    private let past: [String: [Int64]]

    /// What can be read of it counts.
    package init(state: String) {
        self.state = state
        var past: [String: [Int64]] = [:]
        for name in ["history.jsonl.1", "history.jsonl"] {
            for line in Self.bytes("\(state)/\(name)", Self.largestHistory).split(separator: 0x0A) {
                guard let json = try? JSON.parse(line), let slug = json["slug"]?.string,
                    json["outcome"]?["kind"]?.string == "exited",
                    let asked = json["asked_at"]?.string.flatMap({ Instant(rfc3339: $0.utf8) }),
                    let ended = json["ended_at"]?.string.flatMap({ Instant(rfc3339: $0.utf8) })
                else { continue }
                past[slug, default: []].append(Int64(ended.seconds(since: asked) * 1000))
            }
        }
        self.past = past
    }

    /// The median of the latest runs that ended by themselves; nil if there are fewer than three.
    package func usual(of slug: Slug) -> TimeSpan? {
        let runs = "\(state)/runs/\(slug)"
        // Names of runs sort by time.
        let kept = ((try? Directory.names(runs)) ?? []).suffix(Self.most).compactMap { run -> Int64? in
            let json = try? JSON.parse(Self.bytes("\(runs)/\(run)/exit.json", Self.largestRecord))
            guard json?["outcome"]?["kind"]?.string == "exited" else { return nil }
            return json?["duration_ms"]?.integer
        }
        let all = ((past[slug.text] ?? []) + kept).suffix(Self.most).sorted()
        guard all.count >= Self.fewest else { return nil }
        return TimeSpan(milliseconds: max(all[all.count / 2], 0))
    }

    private static func bytes(_ path: String, _ limit: Int) -> [UInt8] {
        guard let file = try? Descriptor.open(path, O_RDONLY | O_NONBLOCK), let size = try? file.size else { return [] }
        return (try? file.read(at: 0, limit: min(limit, Int(size)))) ?? []
    }
}
