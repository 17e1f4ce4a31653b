package import CharonCore
import Glibc

/// Charon's last answer for each slug: `<directory>/<slug>` holds a version, `yes` or `no`, and the seconds since the
/// epoch, as in `v1 yes 1769832306`.
///
/// Kept on disk for the policy `last`; a copy under the run directory lets a wrapper read it while the daemon is silent.
package struct GateMemory: Sendable {
    /// How long an answer counts.
    package static let lifetime = TimeSpan.seconds(7 * 86_400)

    /// Stands for the name of the application that a run has which names none.
    package static let defaultApplication = "_default"

    /// The same for a user who has a default application of his own.
    package static func defaultApplication(of uid: UInt32) -> String { "\(defaultApplication)-\(uid)" }

    private static let version = "v1"

    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// An answer that was written less than this ago is not written again.
    private static let freshness = TimeSpan.seconds(3600)

    /// Remembers an answer.
    ///
    /// The file's mode lets those read it who know the slug.
    package func remember(_ mayRun: Bool, for slug: Slug, at now: Instant) throws(SystemError) {
        if let last = read(slug), last.mayRun == mayRun {
            let age = now.seconds(since: last.at)
            if age >= 0, age < Self.freshness.seconds { return }
        }
        let text = "\(Self.version) \(mayRun ? "yes" : "no") \(now.nanoseconds / 1_000_000_000)\n"
        try RecordFile.makeDirectory(directory, mode: 0o711)
        try RecordFile.replace("\(directory)/\(slug)", with: Array(text.utf8), durability: .process, mode: 0o644)
    }

    /// Charon's last answer; nil if there is none, or none younger than the lifetime.
    package func answer(for slug: Slug, at now: Instant) -> Bool? {
        last(for: slug, at: now)?.mayRun
    }

    /// Charon's last answer and when it came, if it still counts.
    package func last(for slug: Slug, at now: Instant) -> (mayRun: Bool, at: Instant)? {
        read(slug).flatMap { now.seconds(since: $0.at) < Self.lifetime.seconds ? $0 : nil }
    }

    private func read(_ slug: Slug) -> (mayRun: Bool, at: Instant)? {
        guard let bytes = (try? RecordFile.read("\(directory)/\(slug)")) ?? nil else { return nil }
        var words = bytes.split { $0 == 0x20 || $0 == 0x0A }.map { String(decoding: $0, as: UTF8.self) }
        // The first releases wrote none.
        if words.first == Self.version { words.removeFirst() }
        guard words.count == 2, words[0] == "yes" || words[0] == "no", let seconds = Int64(words[1]),
            (0..<9_000_000_000).contains(seconds)
        else { return nil }
        return (words[0] == "yes", Instant(seconds: seconds))
    }
}
