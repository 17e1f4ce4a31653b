import CharonAPI
import CharonCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The connections to one server, all on one event loop, and the attempts that wait for one.
///
/// The latest idle connection is used again, else there is a new one. An attempt that waits goes out as soon as another
/// ends, before that one's caller hears of it; the wait does not count against its deadline.
final class ConnectionPool: Sendable {
    typealias Queue = SlotQueue<Waiting>

    /// An attempt that waits for a connection.
    struct Waiting {
        let attempt: Attempt
        let deadline: TimeSpan
    }

    private struct State {
        var slots: Queue
        var idle: [(channel: any Channel, since: NIODeadline)] = []
        var underWay: [ObjectIdentifier: Attempt] = [:]
        var isSwept = false
    }

    private static let longestIdle = TimeAmount.seconds(30)

    private let loop: any EventLoop
    private let base: BaseURL
    private let trust: NIOSSLContext?
    private let connectTimeout: TimeSpan
    /// Whether a connection is used for more than one attempt.
    private let isKept: Bool
    private let state: Mutex<State>

    /// At most `count` attempts are under way at once; `trust` is for https only.
    init(
        to base: BaseURL, _ trust: NIOSSLContext?, count: Int, isKept: Bool, connectTimeout: TimeSpan,
        on loop: any EventLoop
    ) {
        self.base = base
        self.trust = trust
        self.isKept = isKept
        self.connectTimeout = connectTimeout
        self.loop = loop
        state = Mutex(State(slots: Queue(count: count)))
    }

    /// Makes an attempt once there is a connection for it; `deadline` later it ends, if by nothing else.
    func make(_ attempt: Attempt, _ urgency: Queue.Urgency, deadline: TimeSpan) async -> Exchange {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                attempt.begin(waiter)
                enter(Waiting(attempt: attempt, deadline: deadline), urgency)
            }
        } onCancel: {
            attempt.cancel()
        }
    }

    private func enter(_ waiting: Waiting, _ urgency: Queue.Urgency) {
        let (mayStart, isClosed) = state.withLock { state in
            let mayStart = state.slots.take(urgency)
            if !mayStart, !state.slots.isClosed { state.slots.wait(urgency, waiting) }
            return (mayStart, state.slots.isClosed)
        }
        if mayStart {
            startOnLoop(waiting)
        } else if isClosed {
            waiting.attempt.cancel()
        }
    }

    private func startOnLoop(_ waiting: Waiting) {
        if loop.inEventLoop {
            start(waiting)
        } else {
            loop.execute { self.start(waiting) }
        }
    }

    /// Starts an attempt that has a slot; one that has been given up in the meantime leaves it to the next.
    private func start(_ waiting: Waiting) {
        var candidate: Waiting? = waiting
        while let waiting = candidate {
            let attempt = waiting.attempt
            let isClosed = state.withLock { state in
                state.underWay[ObjectIdentifier(attempt)] = attempt
                return state.slots.isClosed
            }
            if isClosed { attempt.cancel() }
            if attempt.holdSlot(of: self) { return send(waiting) }
            candidate = freed(by: attempt)
        }
    }

    /// An attempt that held a slot is over.
    func ended(_ attempt: Attempt) {
        if let next = freed(by: attempt) { startOnLoop(next) }
    }

    private func freed(by attempt: Attempt) -> Waiting? {
        state.withLock { state in
            state.underWay[ObjectIdentifier(attempt)] = nil
            return state.slots.release()
        }
    }

    private func send(_ waiting: Waiting) {
        waiting.attempt.limit(to: waiting.deadline, on: loop)
        while let (channel, _) = state.withLock({ $0.idle.popLast() }) {
            guard channel.isActive else { continue }
            return channel.writeAndFlush(waiting.attempt, promise: nil)
        }
        connect(waiting.attempt)
    }

    private func connect(_ attempt: Attempt) {
        let (base, trust) = (base, trust)
        attempt.limit(to: connectTimeout, untilWritten: true, on: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(min(max(connectTimeout.milliseconds, 1), 86_400_000)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let trust {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: trust, serverHostname: Self.serverName(base)))
                    }
                    try pipeline.addHandlers([
                        HTTPRequestEncoder(),
                        ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)),
                        Connection(for: attempt, isTLS: trust != nil, pool: self),
                    ])
                }
            }
            .connect(host: base.host, port: base.port)
            .whenFailure { attempt.fail($0) }
    }

    /// The name for SNI (RFC 6066, 3), which no address may be.
    private static func serverName(_ base: BaseURL) -> String? {
        (try? SocketAddress(ipAddress: base.host, port: base.port)) == nil ? base.host : nil
    }

    /// Takes a connection back whose answer is complete; false if it is not wanted.
    func keep(_ channel: any Channel) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard isKept, !state.slots.isClosed else { return (false, false) }
            state.idle.append((channel, .now()))
            defer { state.isSwept = true }
            return (true, !state.isSwept)
        }
        if isFirst { sweepLater() }
        return isTaken
    }

    func forget(_ channel: any Channel) { state.withLock { $0.idle.removeAll { $0.channel === channel } } }

    private func sweepLater() {
        loop.scheduleTask(in: Self.longestIdle) {
            let oldest = NIODeadline.now() - Self.longestIdle
            let (expired, isEmpty) = self.state.withLock { state in
                let expired = state.idle.filter { $0.since <= oldest }
                state.idle.removeAll { $0.since <= oldest }
                state.isSwept = !state.idle.isEmpty
                return (expired, state.idle.isEmpty)
            }
            for (channel, _) in expired { channel.close(promise: nil) }
            if !isEmpty { self.sweepLater() }
        }
    }

    /// Ends what waits and what is under way as cancelled and closes all connections; later attempts are cancelled at
    /// once.
    func close() {
        let (idle, attempts) = state.withLock { state in
            let attempts = state.slots.close().map(\.attempt) + state.underWay.values
            defer { state.idle = [] }
            return (state.idle, attempts)
        }
        for attempt in attempts { attempt.cancel() }
        for (channel, _) in idle { channel.close(promise: nil) }
    }
}
