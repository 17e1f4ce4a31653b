import CLinux
import CharonCore
import Glibc

/// The lock that keeps a second daemon out of a state directory.
enum DaemonLock {
    /// Takes the lock, which lasts as long as the descriptor.
    ///
    /// Waits while an earlier daemon is just ending.
    static func take(_ state: String, waitingSeconds: Int) throws -> Descriptor {
        let path = "\(state)/daemon.lock"
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        for attempt in 0...waitingSeconds * 20 {
            if attempt > 0 { usleep(50_000) }
            let error = clinux_lock(file.number)
            if error == 0 { return file }
            guard error == EAGAIN else { throw SystemError("lock", errno: error, path) }
        }
        throw CharonError(.unavailable, "another charond is using this state directory", location: state)
    }
}
