import CLinux
import CharonCore
import Glibc

/// The way to journald: a datagram socket that never blocks.
///
/// It is connected, which halves the cost of a datagram. A journald that makes its socket anew leaves a connected one
/// dead, so the address is tried again after each failure.
package struct JournalSocket: ~Copyable, Sendable {
    /// Where journald listens.
    package static let usualPath = "/run/systemd/journal/socket"

    /// What became of an entry.
    package enum Result: Hashable, Sendable {
        case sent
        /// There is no room now; `descriptor` is ready for POLLOUT when there is.
        case full
        /// Nobody is there.
        case absent
        /// It cannot be sent, now or later.
        case refused
    }

    private let path: String
    /// -1 while nobody is there.
    package private(set) var descriptor: Int32

    /// Nil if nobody listens at `path`: most likely this host has no journald.
    package init?(path: String = JournalSocket.usualPath) {
        let number = clinux_connect_datagram(path)
        guard number >= 0 else { return nil }
        self.path = path
        descriptor = number
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends one entry; one that is too long for a datagram goes as a sealed file in memory.
    package mutating func send(_ entry: UnsafeRawBufferPointer) -> Result {
        for _ in 0..<2 {
            if descriptor < 0 { descriptor = max(clinux_connect_datagram(path), -1) }
            guard descriptor >= 0 else { return .absent }
            var sent = clinux_send(descriptor, entry.baseAddress, entry.count, nil, 0)
            if sent == Int(-EMSGSIZE) { sent = sendFile(entry) }
            switch Int32(-sent) {
            case ...0: return .sent
            case EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS: return .full
            case ECONNREFUSED, ENOTCONN, ECONNRESET, EPIPE, ENOENT:
                close(descriptor)
                descriptor = -1
            default: return .refused
            }
        }
        return .absent
    }

    /// How much memory what was sent and nobody has read yet takes (SIOCOUTQ, unix(7)); 0 if that is unknown.
    package var unread: Int32 {
        var size: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &size) == 0 ? size : 0
    }

    private func sendFile(_ entry: UnsafeRawBufferPointer) -> Int {
        let file = clinux_sealed_memory("charon-journal-entry", entry.baseAddress, entry.count)
        guard file >= 0 else { return Int(file) }
        defer { close(file) }
        return withUnsafePointer(to: file) { clinux_send(descriptor, nil, 0, $0, 1) }
    }
}
