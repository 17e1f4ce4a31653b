import Glibc

/// The socket of this user's private daemon, where charon-run makes it.
enum PrivateSocket {
    /// The path for people, and one that is short enough to connect to.
    struct Place {
        let path: String
        let reachable: String
    }

    /// The first place with a socket, in the order in which charon-run looks for a state directory.
    static func find() -> Place? {
        let user = geteuid()
        let candidates = [
            Console.variable("XDG_STATE_HOME").map { "\($0)/charon" },
            Console.variable("HOME").map { "\($0)/.local/state/charon" },
            Console.variable("XDG_RUNTIME_DIR").map { "\($0)/charon" } ?? "/run/user/\(user)/charon",
            "\(Console.variable("TMPDIR") ?? "/tmp")/charon-\(user)",
        ]
        return candidates.compactMap(\.self).lazy.compactMap(place(in:)).first
    }

    /// Nil unless the directory is ours and closed to others: somebody else's would answer what it likes.
    private static func place(in directory: String) -> Place? {
        let path = "\(directory)/charond.sock"
        var status = stat()
        guard directory.hasPrefix("/"), lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0, access(path, F_OK) == 0
        else { return nil }
        guard path.utf8.count > 100 else { return Place(path: path, reachable: path) }
        // Open as long as the program runs: the path of a socket has at most 107 bytes (unix(7)).
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        return Place(path: path, reachable: "/proc/self/fd/\(descriptor)/charond.sock")
    }
}
