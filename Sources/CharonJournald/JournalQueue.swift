import Glibc

/// Entries on their way to journald: those that it has no room for wait here, up to a limit, and nobody waits for it.
package struct JournalQueue: ~Copyable, Sendable {
    /// The most bytes that wait; journald itself holds a few hundred entries more.
    package static let capacity = 1 << 20

    private var socket: JournalSocket
    private var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`.
    private var ends: [Int] = []
    /// How many of them are gone.
    private var gone = 0
    /// The last attempt found nobody.
    private var isAbsent = false

    /// Nil if nobody listens at `path`.
    package init?(path: String = JournalSocket.usualPath) {
        guard let socket = JournalSocket(path: path) else { return nil }
        self.socket = socket
    }

    /// The descriptor of the socket; -1 while there is none.
    package var descriptor: Int32 { socket.descriptor }

    package var isEmpty: Bool { gone == ends.count }

    /// The descriptor to poll for POLLOUT while entries wait for room; else -1.
    package var waitsFor: Int32 { isEmpty ? -1 : descriptor }

    /// Whether entries wait for somebody to come: there is nothing to poll for, so try again after a while.
    package var waitsForJournal: Bool { !isEmpty && isAbsent }

    /// Puts an entry at the end, to go out with the next `flush`; false if there is no place for it.
    package mutating func add(_ entry: JournalFields) -> Bool {
        let waiting = bytes.count - (gone == 0 ? 0 : ends[gone - 1])
        guard waiting + entry.bytes.count <= Self.capacity else { return false }
        bytes += entry.bytes
        ends.append(bytes.count)
        return true
    }

    /// Sends what can be sent now.
    ///
    /// Returns how many entries cannot be sent at all and are lost.
    package mutating func flush() -> Int {
        var lost = 0
        isAbsent = false
        sending: while gone < ends.count {
            let part = (gone == 0 ? 0 : ends[gone - 1])..<ends[gone]
            switch bytes.withUnsafeBytes({ socket.send(UnsafeRawBufferPointer(rebasing: $0[part])) }) {
            case .sent: break
            case .refused: lost += 1
            case .full: break sending
            case .absent:
                isAbsent = true
                break sending
            }
            gone += 1
        }
        tidy()
        return lost
    }

    /// Sends what it can within `milliseconds`; what then still waits is lost.
    ///
    /// With `untilRead` it also waits, as long, until journald has read what was sent.
    package mutating func close(within milliseconds: Int32, untilRead: Bool = false) {
        _ = flush()
        let end = Self.milliseconds() + Int64(milliseconds)
        while waitsFor >= 0, case let left = end - Self.milliseconds(), left > 0 {
            var state = pollfd(fd: waitsFor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&state, 1, Int32(left))
            _ = flush()
        }
        while untilRead, socket.unread > 0, Self.milliseconds() < end { usleep(500) }
        forget()
    }

    private static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// Forgets what waits: for a process that is a copy of the one that sends it.
    package mutating func forget() {
        gone = ends.count
        tidy()
    }

    /// Moves what waits to the front once most of the memory is behind it.
    private mutating func tidy() {
        guard !isEmpty else {
            (bytes, ends, gone) = ([], [], 0)
            return
        }
        guard gone > 0, ends[gone - 1] > bytes.count / 2 else { return }
        let start = ends[gone - 1]
        bytes.removeFirst(start)
        ends = ends[gone...].map { $0 - start }
        gone = 0
    }
}
