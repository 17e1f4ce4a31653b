package import CharonCore
import Glibc

/// The environment of a command: the caller's, without what is meant for its supervisor.
package enum ChildEnvironment {
    private static let removed: Set<String> = [
        "CHARON_API_KEY", "CHARON_API_KEY_FILE", "NOTIFY_SOCKET", "CHARON_RUN_ID", "CHARON_SLUG", "CHARON_CRASH",
        "JOURNAL_STREAM",
    ]
    /// Socket activation (sd_listen_fds(3)) and the watchdog (sd_watchdog_enabled(3)) of the supervisor's own service.
    private static let removedPrefixes = ["LISTEN_", "WATCHDOG_"]

    /// The credential of systemd.exec(5) that is a key of Charon.
    private static let credential = "charon-api-key"

    /// `environment` (`NAME=value`) without keys and credentials that have one, service-manager variables, `LISTEN_*` and `WATCHDOG_*`, with
    /// `CHARON_SLUG` and, if the run has one, `CHARON_RUN_ID`.
    package static func scrub(_ environment: [[UInt8]], slug: Slug, runID: RunID?) -> [[UInt8]] {
        var kept = environment.filter { entry in
            let name = String(decoding: entry.prefix { $0 != 0x3D }, as: UTF8.self)
            // Those of the command's own unit are the command's.
            if name == "CREDENTIALS_DIRECTORY" { return !hasKey(entry.dropFirst(name.utf8.count + 1)) }
            return !removed.contains(name) && !removedPrefixes.contains(where: name.hasPrefix)
        }
        kept.append(Array("CHARON_SLUG=\(slug)".utf8))
        if let runID { kept.append(Array("CHARON_RUN_ID=\(runID)".utf8)) }
        return kept
    }

    private static func hasKey(_ directory: some Collection<UInt8>) -> Bool {
        access(String(decoding: directory, as: UTF8.self) + "/\(credential)", F_OK) == 0
    }

    /// The environment of this process, as raw bytes.
    package static var current: [[UInt8]] { CStringArray.read(environ) }

    /// The arguments of this process after its name, as raw bytes.
    package static var arguments: [[UInt8]] { Array(CStringArray.read(CommandLine.unsafeArgv).dropFirst()) }
}
