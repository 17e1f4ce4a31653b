import CharonAPI
import CharonCore
import NIOCore
import NIOHTTP1
import Synchronization

/// One exchange under way: its request, what has come of the answer, and who waits for it.
///
/// It ends once, by whichever comes first: the answer, an error, its deadline, or its caller who gives up.
final class Attempt: Sendable {
    private struct State {
        var waiter: CheckedContinuation<Exchange, Never>?
        var result: Exchange?
        /// Where it holds a slot.
        var pool: ConnectionPool?
        var channel: (any Channel)?
        var timers: [Scheduled<Void>] = []
        var isWritten = false
        var head: HTTPResponseHead?
        var body: [UInt8] = []
    }

    let head: HTTPRequestHead
    let body: [UInt8]?
    private let base: BaseURL
    private let key: Secret
    // Only cancellation comes from another thread than the connection's, so it is hardly ever contended.
    private let state = Mutex(State())

    init(_ head: HTTPRequestHead, _ body: [UInt8]?, to base: BaseURL, _ key: Secret) {
        self.head = head
        self.body = body
        self.base = base
        self.key = key
    }

    /// Has `waiter` resumed with what comes of it; at once if it is over.
    func begin(_ waiter: CheckedContinuation<Exchange, Never>) {
        let result = state.withLock { state in
            if state.result == nil { state.waiter = waiter }
            return state.result
        }
        if let result { waiter.resume(returning: result) }
    }

    /// Has `pool` hear of its end; false if it is over.
    func holdSlot(of pool: ConnectionPool) -> Bool {
        state.withLock { state in
            if state.result == nil { state.pool = pool }
            return state.result == nil
        }
    }

    /// Ends it after `time`, if it is not over then, or, with `untilWritten`, if its request is not written then.
    func limit(to time: TimeSpan, untilWritten: Bool = false, on loop: any EventLoop) {
        let milliseconds = min(max(time.milliseconds, 1), 86_400_000)
        let timer = loop.scheduleTask(in: .milliseconds(milliseconds)) {
            let isWritten = self.state.withLock(\.isWritten)
            guard !(untilWritten && isWritten) else { return }
            self.stop(.failure(ExchangeFailure(timeout: time, base: self.base, written: isWritten)))
        }
        state.withLock { $0.timers.append(timer) }
    }

    /// Notes that the request goes out on `channel` now, so that it may reach the server; false if it is over.
    func write(on channel: any Channel) -> Bool {
        state.withLock { state in
            guard state.result == nil else { return false }
            state.channel = channel
            state.isWritten = true
            return true
        }
    }

    func received(_ head: HTTPResponseHead) { state.withLock { $0.head = head } }

    /// False if the body is longer than what is kept of it.
    func received(_ buffer: ByteBuffer) -> Bool {
        state.withLock { state in
            let room = CharonResponse.bodyLimit - state.body.count
            state.body.append(contentsOf: buffer.readableBytesView.prefix(room))
            return buffer.readableBytes <= room
        }
    }

    /// The answer is complete.
    func complete() { end(response.map(Exchange.response) ?? lost(HTTPParserError.unknown)) }

    /// The rest of the answer is not wanted.
    func breakOff() {
        // An error page that goes on for ever is an answer all the same.
        guard let response, !response.isSuccess else { return fail(BodyTooLarge()) }
        end(.response(response))
    }

    func fail(_ error: any Error) { end(lost(error)) }

    /// Its caller wants no answer any more, or the client is shut down.
    func cancel() { stop(lost(CancellationError())) }

    /// That a body is longer than what is kept of it.
    struct BodyTooLarge: Error {}

    private func lost(_ error: any Error) -> Exchange {
        .failure(ExchangeFailure(error, base: base, written: state.withLock(\.isWritten)))
    }

    @discardableResult
    private func end(_ result: Exchange) -> (any Channel)? {
        let ended: State? = state.withLock { state in
            guard state.result == nil else { return nil }
            defer {
                (state.result, state.waiter, state.pool) = (result, nil, nil)
                (state.channel, state.timers) = (nil, [])
            }
            return state
        }
        // First, so that its connection does not rest while its caller thinks.
        ended?.pool?.ended(self)
        for timer in ended?.timers ?? [] { timer.cancel() }
        ended?.waiter?.resume(returning: result)
        return ended?.channel
    }

    /// Ends it from outside of its connection, which is told.
    private func stop(_ result: Exchange) {
        end(result)?.pipeline.fireUserInboundEventTriggered(Over(attempt: self))
    }

    /// For the connection: nobody waits for the answer any more.
    struct Over: Sendable {
        let attempt: Attempt
    }

    private var response: CharonResponse? {
        let (head, body) = state.withLock { ($0.head, $0.body) }
        guard let head else { return nil }
        return CharonResponse(
            status: Int(head.status.code),
            contentType: head.headers.first(name: "Content-Type"),
            retryAfter: head.headers.first(name: "Retry-After").flatMap { RetryAfter.parse($0, now: .now()) },
            body: redacted(body)
        )
    }

    /// A server that quotes a wrong key in its error page must not bring it into our log.
    private func redacted(_ body: [UInt8]) -> [UInt8] {
        let key = Array(key.revealed.utf8)
        // A shorter key is no secret, and may be part of any answer.
        guard key.count >= 8, let first = key.first else { return body }
        // Hardly any answer has it, and the search of the standard library is slow.
        guard body.indices.contains(where: { body[$0] == first && body[$0...].starts(with: key) }) else { return body }
        return body.replacing(key, with: Array(Secret.mark.utf8))
    }
}
