import CLinux
package import CharonCore
import Glibc

/// The caller's side of one control connection, for a program with one thread.
package struct ControlClient: ~Copyable {
    private let socket: Descriptor
    private var frames = FrameBuffer()
    private var received: [Descriptor] = []

    /// Why a reply did not come.
    package enum Failure: Error, Hashable, Sendable {
        /// Nothing arrived in the time given; the daemon is there and silent.
        case silent
        /// The connection ended or broke, with the errno if there is one.
        case closed(errno: Int32)
        /// The interrupting descriptor became readable first.
        case interrupted
        /// What arrived is no Varlink reply.
        case unreadable
    }

    /// Connects to a socket.
    ///
    /// EAGAIN: the daemon's queue is full; ENOENT, ECONNREFUSED: nobody listens.
    package init(path: String) throws(SystemError) {
        let descriptor = clinux_connect(path)
        guard descriptor >= 0 else { throw SystemError("connect", errno: -descriptor, path) }
        socket = Descriptor(owning: descriptor)
    }

    /// The uid that listens, from the kernel.
    package var listenerUID: UInt32? {
        var uid: uid_t = 0
        var gid: gid_t = 0
        var pid: pid_t = 0
        return clinux_peer(socket.number, &uid, &gid, &pid) == 0 ? uid : nil
    }

    /// Sends a call with descriptors, waiting at most `timeout` for room.
    package func send(_ call: VarlinkCall, descriptors: [Int32] = [], timeout: TimeSpan) throws(Failure) {
        let frame = call.frame
        var sent = 0
        let deadline = Self.now() + timeout.milliseconds
        while sent < frame.count {
            let passed = sent == 0 ? descriptors : []
            let count = frame[sent...].withUnsafeBytes {
                clinux_send(socket.number, $0.baseAddress, $0.count, passed, passed.count)
            }
            if count > 0 {
                sent += count
            } else if -count == EAGAIN {
                try wait(for: POLLOUT, until: deadline)
            } else {
                throw .closed(errno: Int32(-count))
            }
        }
    }

    /// The next reply; `timeout` counts from this call.
    package mutating func receive(timeout: TimeSpan, interruptedBy interrupt: Int32 = -1) throws(Failure)
        -> VarlinkReply
    {
        let deadline = Self.now() + timeout.milliseconds
        while true {
            do {
                if let frame = try frames.next() {
                    guard let reply = VarlinkReply(frame: frame) else { throw Failure.unreadable }
                    return reply
                }
            } catch {
                throw .unreadable
            }
            try wait(for: POLLIN, until: deadline, interruptedBy: interrupt)
            var numbers: [Int32] = Array(repeating: -1, count: 8)
            var count = 0
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, size in
                let result = clinux_receive(socket.number, buffer.baseAddress, buffer.count, &numbers, &count)
                size = max(result, 0)
                failure = result < 0 ? Int32(-result) : 0
            }
            for number in numbers.prefix(count) { received.append(Descriptor(owning: number)) }
            if failure == EAGAIN { continue }
            guard failure == 0, !bytes.isEmpty else { throw .closed(errno: failure) }
            frames.append(bytes)
        }
    }

    /// The descriptors that came with the replies so far, in their order; the caller owns them from here on.
    package mutating func takeDescriptors() -> [Descriptor] {
        defer { received = [] }
        return received
    }

    private func wait(for events: Int32, until deadline: Int64, interruptedBy interrupt: Int32 = -1) throws(Failure) {
        var waiting = [
            pollfd(fd: socket.number, events: Int16(events), revents: 0),
            pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let remaining = deadline - Self.now()
            guard remaining > 0 else { throw .silent }
            let count = poll(&waiting, 2, Int32(clamping: remaining))
            if count > 0, waiting[0].revents != 0 { return }
            if count > 0 { throw .interrupted }
            if count < 0 && errno != EINTR { throw .closed(errno: errno) }
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
