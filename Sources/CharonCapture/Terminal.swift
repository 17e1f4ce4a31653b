import Glibc

/// The controlling terminal of the supervisor, on its standard input: who is in the foreground there.
struct Terminal {
    private let descriptor = STDIN_FILENO
    private let ownGroup = getpgrp()

    /// Nil unless standard input is the terminal of this session.
    init?() {
        guard isatty(STDIN_FILENO) == 1, tcgetsid(STDIN_FILENO) == getsid(0) else { return nil }
    }

    /// Whether the supervisor's own group is in the foreground.
    var isOurs: Bool { tcgetpgrp(descriptor) == ownGroup }

    /// Whether the command takes the foreground from the start.
    ///
    /// In a pipeline others may want the terminal (`charon-run … | less`), so it waits until the command reads from it.
    var isGivenFirst: Bool {
        var status = stat()
        guard isOurs, fstat(STDOUT_FILENO, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFIFO && status.st_mode & S_IFMT != S_IFSOCK
    }

    // SIGTTOU is blocked, so a process in the background may call tcsetpgrp(3).

    func give(to group: Int32) { if isOurs { tcsetpgrp(descriptor, group) } }

    func take(from group: Int32) { if tcgetpgrp(descriptor) == group { tcsetpgrp(descriptor, ownGroup) } }
}
