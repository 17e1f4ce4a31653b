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

    package init() throws(SystemError) {
        let number = clinux_watch_create()
        guard number >= 0 else { throw SystemError("inotify_init1", errno: -number) }
        descriptor = Descriptor(owning: number)
        try LoopThread.start("watch") { [weak self] in
            while let self { self.readOnce() }
        }
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
        var waiting = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 60_000) > 0 else { return }
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
