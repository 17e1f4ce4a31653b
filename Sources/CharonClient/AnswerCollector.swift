import AsyncHTTPClient
import CharonAPI
import CharonCore
import NIOCore
import NIOHTTP1
import Synchronization

/// Gathers one answer, and knows whether its request was written.
final class AnswerCollector: HTTPClientResponseDelegate {
    typealias Response = CharonResponse

    /// That a body is longer than what is kept of it.
    struct BodyTooLarge: Error {}

    private struct State {
        var isWritten = false
        var head: HTTPResponseHead?
        var body: [UInt8] = []
    }

    private let key: Secret
    // Only ever used on the event loop of the transport, so never contended.
    private let state = Mutex(State())

    init(key: Secret) { self.key = key }

    /// Whether the request's head was handed to the kernel: from then on it may reach the server.
    var isWritten: Bool { state.withLock(\.isWritten) }

    /// What has come so far, if the head has; the whole answer once the request has finished.
    var response: CharonResponse? {
        let (head, body) = state.withLock { ($0.head, $0.body) }
        guard let head else { return nil }
        return CharonResponse(
            status: Int(head.status.code),
            contentType: head.headers.first(name: "Content-Type"),
            retryAfter: head.headers.first(name: "Retry-After").flatMap { RetryAfter.parse($0, now: .now()) },
            body: redacted(body)
        )
    }

    func didSendRequestHead(task: HTTPClient.Task<CharonResponse>, _ head: HTTPRequestHead) {
        state.withLock { $0.isWritten = true }
    }

    func didReceiveHead(task: HTTPClient.Task<CharonResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<CharonResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let isWhole = state.withLock { state in
            let room = CharonResponse.bodyLimit - state.body.count
            state.body.append(contentsOf: buffer.readableBytesView.prefix(room))
            return buffer.readableBytes <= room
        }
        return isWhole
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(BodyTooLarge())
    }

    func didFinishRequest(task: HTTPClient.Task<CharonResponse>) throws -> CharonResponse {
        guard let response else { throw HTTPParserError.unknown }
        return response
    }

    /// A server that quotes a wrong key in its error page must not bring it into our log.
    private func redacted(_ body: [UInt8]) -> [UInt8] {
        // A shorter key is no secret, and may be part of any answer.
        let key = Array(key.revealed.utf8)
        return key.count < 8 ? body : body.replacing(key, with: Array(Secret.mark.utf8))
    }
}
