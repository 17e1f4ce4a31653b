import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One HTTP/1.1 connection, behind its codecs: sends one attempt after the other, and gives each its answer.
///
/// What is written to its channel is an `Attempt`; it takes the first one with it and sends it when it is open.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Attempt
    typealias OutboundOut = HTTPClientRequestPart

    private let isTLS: Bool
    private let pool: ConnectionPool
    private var attempt: Attempt?
    private var staysOpen = false

    init(for attempt: Attempt, isTLS: Bool, pool: ConnectionPool) {
        self.attempt = attempt
        self.isTLS = isTLS
        self.pool = pool
    }

    /// That the server ended the connection before its answer was complete.
    struct Closed: Error {}

    func channelActive(context: ChannelHandlerContext) {
        if !isTLS { send(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted: send(context)
        // What is left of its answer would be taken for the next one's.
        case let over as Attempt.Over where over.attempt === attempt: close(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        attempt = unwrapOutboundIn(data)
        send(context)
        promise?.succeed()
    }

    private func send(_ context: ChannelHandlerContext) {
        guard let attempt, attempt.write(on: context.channel) else { return close(context) }
        context.write(wrapOutboundOut(.head(attempt.head)), promise: nil)
        if let body = attempt.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let attempt else { return close(context) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            staysOpen = head.isKeepAlive
            attempt.received(head)
        case .body(let part):
            guard !attempt.received(part) else { return }
            self.attempt = nil
            attempt.breakOff()
            close(context)
        case .end:
            self.attempt = nil
            // Before whoever waits makes the next one.
            if !staysOpen || !pool.keep(context.channel) { close(context) }
            attempt.complete()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Whether the answer is complete without it is for the HTTP codec to say.
        if case NIOSSLError.uncleanShutdown = error { return }
        fail(error)
        close(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(Closed())
        pool.forget(context.channel)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        let failed = attempt
        attempt = nil
        failed?.fail(error)
    }

    private func close(_ context: ChannelHandlerContext) {
        attempt = nil
        context.close(promise: nil)
    }
}
