import CLinux
package import CharonCore
import Glibc
import Synchronization

/// The daemon's side of the control socket: one thread that accepts, reads calls and hands each to a task.
package final class ControlServer: Sendable {
    /// What a peer may hold.
    ///
    /// The daemon's own user and root are not limited: their bursts are the jobs of one host.
    package struct Limits: Sendable {
        package var connectionsPerUser = 64
        package var connections = 4096
        package var idleSeconds = 60.0

        package init() {}
    }

    /// A call with the descriptors that came with it; the handler sends the replies itself.
    package struct Request: Sendable {
        package let call: VarlinkCall
        package let descriptors: [Descriptor]
        package let connection: ControlConnection
    }

    private let listener: Descriptor
    private let limits: Limits
    private let handler: @Sendable (Request) async -> Void
    private let wakeReader: Descriptor
    private let wakeWriter: Descriptor
    private let isStopping = Atomic(false)
    /// Those who want to know whether the thread is at work.
    private let beats = Mutex<[CheckedContinuation<Void, Never>]>([])

    /// Takes over a listening socket.
    package init(
        listener: Descriptor, limits: Limits = Limits(), handler: @escaping @Sendable (Request) async -> Void
    ) throws(SystemError) {
        self.listener = listener
        self.limits = limits
        self.handler = handler
        var pipe: [Int32] = [-1, -1]
        let error = clinux_pipe(&pipe)
        guard error == 0 else { throw SystemError("pipe2", errno: error) }
        wakeReader = Descriptor(owning: pipe[0])
        wakeWriter = Descriptor(owning: pipe[1])
    }

    /// Starts the thread; calls are handled from here on.
    package func start() throws(SystemError) {
        try LoopThread.start("control") { self.run() }
    }

    /// Ends the thread and closes every connection.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wake()
    }

    /// Returns as soon as the thread has looked at its connections once more.
    package func beat() async {
        await withCheckedContinuation { continuation in
            beats.withLock { $0.append(continuation) }
            wake()
        }
    }

    private func wake() { _ = Glibc.write(wakeWriter.number, [0], 1) }

    private func run() {
        var connections: [ControlConnection] = []
        var isShort = false
        let idleLook = Int32(min(max(limits.idleSeconds * 1000 / 6, 10), 60_000))
        while !isStopping.load(ordering: .acquiring) {
            let mayAccept = !isShort && connections.count < limits.connections
            var polled = [
                pollfd(fd: wakeReader.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: mayAccept ? listener.number : -1, events: Int16(POLLIN), revents: 0),
            ]
            for connection in connections {
                // A closed connection whose call is still under way would wake the loop for ever.
                let number = connection.hasEnded ? -1 : connection.socket.number
                polled.append(pollfd(fd: number, events: connection.events, revents: 0))
            }
            // Without an event, only idle connections need a look, and a host that is short of descriptors.
            _ = poll(&polled, nfds_t(polled.count), isShort ? 100 : connections.isEmpty ? -1 : idleLook)
            isShort = false
            if polled[0].revents != 0 {
                drainWake()
                answerBeats()
            }
            for (connection, event) in zip(connections, polled.dropFirst(2)) { serve(connection, event.revents) }
            let now = ControlConnection.seconds()
            connections.removeAll { !$0.isBusy && ($0.hasEnded || $0.idleSeconds(at: now) > limits.idleSeconds) }
            if polled[1].revents != 0 { isShort = !accept(into: &connections) }
        }
        answerBeats()
    }

    private func answerBeats() {
        let answered = beats.withLock { beats in
            defer { beats = [] }
            return beats
        }
        for continuation in answered { continuation.resume() }
    }

    private static let endEvents = POLLERR | POLLHUP | POLLNVAL

    private func drainWake() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while Glibc.read(wakeReader.number, &bytes, bytes.count) == bytes.count {}
    }

    private func serve(_ connection: ControlConnection, _ events: Int16) {
        if Int32(events) & Self.endEvents != 0 && Int32(events) & POLLIN == 0 {
            connection.markClosed()
        }
        if Int32(events) & POLLOUT != 0 { connection.flush() }
        switch Int32(events) & POLLIN != 0 ? connection.receive() : connection.nextCall() {
        case .nothing, .end: break
        case .call(let call, let descriptors):
            let request = Request(call: call, descriptors: descriptors, connection: connection)
            Task { [handler] in await handler(request) }
        }
    }

    /// Takes some of the waiting connections, so that their number never keeps the rest waiting.
    ///
    /// False if the host has no descriptor or memory left: the listener stays readable, and polling it would spin.
    private func accept(into connections: inout [ControlConnection]) -> Bool {
        for _ in 0..<1024 {
            let number = clinux_accept(listener.number)
            guard number >= 0 else { return ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(-number) }
            let socket = Descriptor(owning: number)
            guard let peer = try? Peer(of: socket) else { continue }
            let connection = ControlConnection(socket: socket, peer: peer) { [weak self] in self?.wake() }
            if isFull(for: peer, connections) {
                connection.reply(.busy("more than \(limits.connectionsPerUser) connections of uid \(peer.uid)"))
            } else {
                connections.append(connection)
            }
        }
        return true
    }

    private func isFull(for peer: Peer, _ connections: [ControlConnection]) -> Bool {
        guard peer.uid != 0, peer.uid != geteuid() else { return connections.count >= limits.connections }
        return connections.count >= limits.connections / 2
            || connections.count(where: { $0.peer.uid == peer.uid }) >= limits.connectionsPerUser
    }
}
