import CharonAPI
import CharonCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The connections to one server, all on one event loop: the latest idle one is used again, else there is a new one.
///
/// It sets no limit: whoever makes attempts holds a slot for each.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [(channel: any Channel, since: NIODeadline)] = []
        var underWay: [ObjectIdentifier: Attempt] = [:]
        var isSwept = false
        var isClosed = false
    }

    private static let longestIdle = TimeAmount.seconds(30)

    private let loop: any EventLoop
    private let base: BaseURL
    private let trust: NIOSSLContext?
    private let connectTimeout: TimeSpan
    /// Whether a connection is used for more than one attempt.
    private let isKept: Bool
    private let state = Mutex(State())

    /// `trust` is for https only.
    init(to base: BaseURL, _ trust: NIOSSLContext?, isKept: Bool, connectTimeout: TimeSpan, on loop: any EventLoop) {
        self.base = base
        self.trust = trust
        self.isKept = isKept
        self.connectTimeout = connectTimeout
        self.loop = loop
    }

    /// Makes an attempt, which ends after `deadline` if by nothing else.
    func make(_ attempt: Attempt, deadline: TimeSpan) async -> Exchange {
        let isClosed = state.withLock { state in
            state.underWay[ObjectIdentifier(attempt)] = attempt
            return state.isClosed
        }
        defer { state.withLock { $0.underWay[ObjectIdentifier(attempt)] = nil } }
        if isClosed { attempt.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                attempt.begin(waiter)
                if loop.inEventLoop {
                    start(attempt, deadline)
                } else {
                    loop.execute { self.start(attempt, deadline) }
                }
            }
        } onCancel: {
            attempt.cancel()
        }
    }

    private func start(_ attempt: Attempt, _ deadline: TimeSpan) {
        guard !attempt.isOver else { return }
        attempt.limit(to: deadline, on: loop)
        while let (channel, _) = state.withLock({ $0.idle.popLast() }) {
            guard channel.isActive else { continue }
            return channel.writeAndFlush(attempt, promise: nil)
        }
        connect(attempt)
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
            guard isKept, !state.isClosed else { return (false, false) }
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

    /// Ends what is under way as cancelled and closes all connections; later attempts are cancelled at once.
    func close() {
        let (idle, underWay) = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.idle, state.underWay.values)
        }
        for attempt in underWay { attempt.cancel() }
        for (channel, _) in idle { channel.close(promise: nil) }
    }
}
