import CLinux
package import CharonCore
import Glibc
import Synchronization

/// The daemon's side of one control connection: one call at a time, replies from any thread.
package final class ControlConnection: Sendable {
    package let peer: Peer
    let socket: Descriptor
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    private struct State {
        var frames = FrameBuffer()
        var descriptors: [Descriptor] = []
        var unsent: [UInt8] = []
        var isBusy = false
        /// The call under way takes no reply.
        var isOneway = false
        var isClosed = false
        var lastActive = ControlConnection.seconds()
    }

    /// What the loop should do after bytes have come.
    enum Arrival {
        case nothing
        case call(VarlinkCall, [Descriptor])
        /// The peer has gone, or what it sent cannot be read on.
        case end
    }

    init(socket: Descriptor, peer: Peer, wake: @escaping @Sendable () -> Void) {
        self.socket = socket
        self.peer = peer
        self.wake = wake
    }

    /// The events of poll(2) that the loop waits for: while a call is under way only room for replies and the end.
    var events: Int16 {
        state.withLock { Int16(($0.isBusy ? 0 : POLLIN) | ($0.unsent.isEmpty ? 0 : POLLOUT)) }
    }

    var isBusy: Bool { state.withLock(\.isBusy) }

    /// The peer has gone or the connection broke: nobody will read a reply.
    package var isClosed: Bool { state.withLock { $0.isClosed || clinux_is_closed(socket.number) != 0 } }

    /// The loop has seen the end; a call that came before a peer went is still to be read until then.
    var hasEnded: Bool { state.withLock(\.isClosed) }

    func markClosed() { state.withLock { $0.isClosed = true } }

    /// Seconds since the last byte or reply, if no call is under way.
    func idleSeconds(at now: Double) -> Double { state.withLock { $0.isBusy ? 0 : now - $0.lastActive } }

    /// The time of a clock that is never set (CLOCK_MONOTONIC).
    static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Reads what has come and takes out the next call.
    func receive() -> Arrival {
        state.withLock { state in
            var numbers: [Int32] = Array(repeating: -1, count: 8)
            var count = 0
            var result = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, size in
                result = clinux_receive(socket.number, buffer.baseAddress, buffer.count, &numbers, &count)
                size = max(result, 0)
            }
            for number in numbers.prefix(count) { state.descriptors.append(Descriptor(owning: number)) }
            if result == 0 || (result < 0 && result != -Int(EAGAIN)) || state.descriptors.count > 8 {
                state.isClosed = true
                return .end
            }
            if result > 0 { state.lastActive = Self.seconds() }
            state.frames.append(bytes)
            return Self.next(&state)
        }
    }

    /// Takes out a call that has already been received.
    func nextCall() -> Arrival { state.withLock { Self.next(&$0) } }

    private static func next(_ state: inout State) -> Arrival {
        guard !state.isBusy, !state.isClosed else { return .nothing }
        let call: VarlinkCall
        do {
            guard let frame = try state.frames.next() else { return .nothing }
            call = try VarlinkCall(frame: frame)
        } catch {
            state.isClosed = true
            return .end
        }
        let descriptors = state.descriptors
        state.descriptors = []
        state.isBusy = true
        state.isOneway = call.oneway
        return .call(call, descriptors)
    }

    /// Sends a reply, its descriptors with its first byte; a call that takes none gets none.
    ///
    /// False if the peer has gone.
    @discardableResult
    package func reply(_ reply: VarlinkReply, descriptors: [Descriptor] = []) -> Bool {
        let sent = state.withLock { state -> Bool in
            if !reply.continues {
                state.isBusy = false
                state.lastActive = Self.seconds()
            }
            guard !state.isClosed else { return false }
            if state.isOneway { return true }
            let frame = reply.frame
            // Replies are small and one at a time: a peer that has not taken the last one gets no more.
            guard state.unsent.isEmpty else {
                if reply.continues { return true }
                state.isClosed = true
                return false
            }
            let numbers = descriptors.map(\.number)
            let count = clinux_send(socket.number, frame, frame.count, numbers, numbers.count)
            if count == frame.count { return true }
            guard count > 0 || (count == -Int(EAGAIN) && numbers.isEmpty) else {
                state.isClosed = true
                return false
            }
            state.unsent = Array(frame[max(count, 0)...])
            return true
        }
        wake()
        return sent
    }

    /// Ends a call without a reply.
    package func finish() {
        state.withLock { $0.isBusy = false }
        wake()
    }

    /// Sends what is left of a reply.
    func flush() {
        state.withLock { state in
            guard !state.unsent.isEmpty else { return }
            let count = clinux_send(socket.number, state.unsent, state.unsent.count, nil, 0)
            if count > 0 {
                state.unsent.removeFirst(count)
            } else if count != -Int(EAGAIN) {
                state.isClosed = true
            }
        }
    }
}
