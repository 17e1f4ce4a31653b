import CLinux
package import CharonCore
import Glibc
import Synchronization

/// Tells when the files of a run change, by inotify(7), on a thread of its own.
///
/// The last close of a supervisor's descriptor is a change too: so the death of a supervisor is seen at once.
package final class RecordWatch: Sendable {
    private struct State {
        var wakeups: [Int32: Wakeup] = [:]
    }

    private let descriptor: Descriptor
    private let state = Mutex(State())
    /// Nobody writes to it: when it is closed, with this watch, the thread ends.
    private let life: Descriptor

    package init() throws(SystemError) {
        let number = clinux_watch_create()
        guard number >= 0 else { throw SystemError("inotify_init1", errno: -number) }
        let descriptor = Descriptor(owning: number)
        var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
        let error = clinux_capture_pipe(&readEnd, &writeEnd)
        guard error == 0 else { throw SystemError("pipe2", errno: error) }
        let end = Descriptor(owning: readEnd)
        self.descriptor = descriptor
        life = Descriptor(owning: writeEnd)
        try LoopThread.start("watch") { [weak self] in
            while Self.waits(for: descriptor, until: end) { self?.readOnce() }
        }
    }

    /// Waits for news; false when `end` is closed.
    private static func waits(for descriptor: Descriptor, until end: Descriptor) -> Bool {
        var waiting = [
            pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: end.number, events: 0, revents: 0),
        ]
        while poll(&waiting, 2, -1) <= 0 {}
        return waiting[1].revents == 0
    }

    /// Signals `wakeup` whenever the file changes.
    ///
    /// The result ends the watch; nil if the kernel has no watch left.
    package func add(_ path: String, _ wakeup: Wakeup) -> Int32? {
        state.withLock { state in
            let watch = clinux_watch_add(descriptor.number, path)
            guard watch >= 0 else { return nil }
            state.wakeups[watch] = wakeup
            return watch
        }
    }

    package func remove(_ watch: Int32) {
        state.withLock { state in
            guard state.wakeups.removeValue(forKey: watch) != nil else { return }
            clinux_watch_remove(descriptor.number, watch)
        }
    }

    private func readOnce() {
        var watches = [Int32](repeating: 0, count: 512)
        let count = clinux_watch_read(descriptor.number, &watches, Int32(watches.count))
        guard count > 0 else { return }
        let wakeups = state.withLock { state in
            // After an overflow of the kernel's queue nobody knows whose event was lost.
            watches.prefix(Int(count)).contains(-1)
                ? Array(state.wakeups.values) : watches.prefix(Int(count)).compactMap { state.wakeups[$0] }
        }
        for wakeup in wakeups { wakeup.signal() }
    }
}
