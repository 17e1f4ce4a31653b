import CharonCore
import CharonRuns
import Glibc

/// The state directory of this user, for a private daemon and for records made without one.
enum StateDirectory {
    /// The places of a state directory, the best first.
    private static var candidates: [String] {
        let temporary = Environment.value("TMPDIR") ?? "/tmp"
        let places = [
            Environment.value("XDG_STATE_HOME").map { "\($0)/charon" },
            Environment.value("HOME").map { "\($0)/.local/state/charon" },
            Environment.value("XDG_RUNTIME_DIR").map { "\($0)/charon" } ?? "/run/user/\(geteuid())/charon",
            "\(temporary)/charon-\(geteuid())",
        ]
        return places.compactMap { $0 }.filter { $0.hasPrefix("/") }
    }

    /// The first usable one of `$XDG_STATE_HOME/charon`, `$HOME/.local/state/charon`, `/run/user/UID/charon` and
    /// `$TMPDIR/charon-UID`; nil if none can be written.
    static func find() -> String? {
        candidates.first(where: isUsable)
    }

    /// Those in which an earlier line may have left records; nothing is made.
    static var withRecords: [String] {
        candidates.filter { access(LocalRecords.directory($0), F_OK) == 0 && isOurs($0) }
    }

    /// Made if need be, ours, closed to others, no symbolic link, and a file can be made in it.
    private static func isUsable(_ path: String) -> Bool {
        guard (try? RecordFile.makeDirectory(path)) != nil, isOurs(path) else { return false }
        return (try? Descriptor.open("\(path)/start.lock", O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)) != nil
    }

    /// In a directory that all may write to, anybody could have made it.
    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
            && status.st_mode & 0o077 == 0
    }
}
