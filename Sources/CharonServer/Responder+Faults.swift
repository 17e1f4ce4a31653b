import CharonCore
import Hummingbird
import NIOCore

/// How faults are done; what throws here has ended the connection, so that nothing more can be written to it.
extension Responder {
    private struct ConnectionEnded: Error {}

    func response(_ replacement: Fault.Replacement, on channel: any Channel) async throws -> Response {
        switch replacement {
        case .page(let page):
            var response = Self.response(page.status, page.contentType, Array(page.body.utf8))
            response.headers[.retryAfter] = page.retryAfter
            response.headers[.location] = page.location
            return response
        case .reset:
            try await channel.triggerUserOutboundEvent(ConnectionEnder.Order.reset)
            throw ConnectionEnded()
        case .silence:
            try await channel.triggerUserOutboundEvent(ConnectionEnder.Order.abandon)
            try await channel.closeFuture.get()
            throw ConnectionEnded()
        case .endless:
            try await channel.triggerUserOutboundEvent(ConnectionEnder.Order.abandon)
            var response = Self.response(200, "application/json", [])
            response.body = ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "["))
                let part = ByteBuffer(string: String(repeating: "0,", count: 4096))
                // Waits whenever the client does not read, and throws when the connection is closed.
                while true { try await writer.write(part) }
            }
            return response
        }
    }

    func response(
        _ answer: Answer, _ disturbance: Fault.Disturbance, on channel: any Channel
    ) async throws -> Response {
        var response = Self.response(answer)
        let bytes = answer.body?.bytes ?? []
        switch disturbance {
        case .resetBody:
            // An empty body has no middle: then one of two bytes is announced that never come.
            if answer.status == 204 { response.status = .ok }
            response.body = ResponseBody(contentLength: max(bytes.count, 2)) { writer in
                try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
                try await channel.triggerUserOutboundEvent(ConnectionEnder.Order.reset)
                throw ConnectionEnded()
            }
        case .slow:
            try await channel.triggerUserOutboundEvent(ConnectionEnder.Order.abandon)
            response.body = ResponseBody(contentLength: bytes.count) { writer in
                for byte in bytes {
                    try await Task.sleep(for: .seconds(1))
                    try await writer.write(ByteBuffer(bytes: [byte]))
                }
                try await writer.finish(nil)
            }
        case .closeIdle:
            response.headers[.connection] = "keep-alive"
            response.body = ResponseBody(contentLength: bytes.count) { writer in
                try await writer.write(ByteBuffer(bytes: bytes))
                try await writer.finish(nil)
                try await channel.close()
            }
        }
        return response
    }
}
