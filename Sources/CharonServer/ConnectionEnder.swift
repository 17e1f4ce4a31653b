import Glibc
import NIOCore

/// Ends a connection as a fault wants it; while there are faults, one stands in the pipeline of every connection.
final class ConnectionEnder: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    /// What the responder sends down the pipeline.
    enum Order: Sendable {
        /// Closes the connection at once, with RST instead of FIN.
        case reset
        /// Closes it when the client or the server wants to end it, though a request is unanswered.
        case abandon
    }

    private var isAbandoned = false
    private var isUnwanted = false

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event as? Order {
        case .reset:
            // RFC 9293, 3.10.4 calls it abort: what is unsent is dropped, and the peer is told by a reset.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            context.close(promise: promise)
        case .abandon:
            isAbandoned = true
            promise?.succeed(())
            closeIfDue(context)
        case nil: context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        isUnwanted = isUnwanted || event as? ChannelEvent == .inputClosed || event is ChannelShouldQuiesceEvent
        context.fireUserInboundEventTriggered(event)
        closeIfDue(context)
    }

    private func closeIfDue(_ context: ChannelHandlerContext) {
        if isAbandoned, isUnwanted { context.close(promise: nil) }
    }
}
