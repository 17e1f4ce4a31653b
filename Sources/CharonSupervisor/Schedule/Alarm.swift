import CLinux
package import CharonCore
import Glibc
import Synchronization

/// Tells when a time has come, when the wall clock is set, and when files in directories change, on a thread of its own.
///
/// Between these it does not wake.
package final class Alarm: Sendable {
    package enum News: Hashable, Sendable {
        /// The time has come, or the clock was set: the clocks are to be read.
        case time
        /// Something has changed in a watched directory.
        case files
    }

    private let timer: Descriptor
    private let files: Descriptor
    /// The watches by their directories.
    private let watched = Mutex<[String: Int32]>([:])
    /// Nobody writes to it: when it is closed, with this alarm, the thread ends.
    private let life: Descriptor

    /// `tell` is called on that thread.
    package init(_ tell: @escaping @Sendable (News) -> Void) throws(SystemError) {
        let timer = clinux_timer_create()
        guard timer >= 0 else { throw SystemError("timerfd_create", errno: -timer) }
        self.timer = Descriptor(owning: timer)
        let files = clinux_watch_create()
        guard files >= 0 else { throw SystemError("inotify_init1", errno: -files) }
        self.files = Descriptor(owning: files)
        var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
        let error = clinux_capture_pipe(&readEnd, &writeEnd)
        guard error == 0 else { throw SystemError("pipe2", errno: error) }
        life = Descriptor(owning: writeEnd)
        let end = Descriptor(owning: readEnd)
        let (ownTimer, ownFiles) = (self.timer, self.files)
        try LoopThread.start("alarm") { while Self.tellOnce(ownTimer, ownFiles, until: end, tell) {} }
    }

    /// Rings at `time`, at once if that has passed; for nil only when the clock is set.
    package func set(_ time: Instant?) { _ = clinux_timer_set(timer.number, time?.nanoseconds ?? .max) }

    /// Watches these directories from now on; one that does not exist is watched once this is called again.
    package func watch(_ directories: [String]) {
        watched.withLock { watched in
            for directory in directories {
                // The same directory gives the same watch; another one in its place a new one.
                let watch = clinux_watch_add_directory(files.number, directory)
                watched[directory] = watch >= 0 ? watch : nil
            }
        }
    }

    /// Waits for news and tells it; false when `end` is closed.
    private static func tellOnce(
        _ timer: Descriptor, _ files: Descriptor, until end: Descriptor, _ tell: @Sendable (News) -> Void
    ) -> Bool {
        var waiting = [
            pollfd(fd: timer.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: files.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end.number, events: 0, revents: 0),
        ]
        while poll(&waiting, 3, -1) <= 0 {}
        guard waiting[2].revents == 0 else { return false }
        if waiting[0].revents != 0, clinux_timer_read(timer.number) != 0 { tell(.time) }
        if waiting[1].revents != 0 {
            var watches = [Int32](repeating: 0, count: 16)
            if clinux_watch_read(files.number, &watches, Int32(watches.count)) > 0 { tell(.files) }
        }
        return true
    }
}
