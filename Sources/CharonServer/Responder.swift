import CharonCore
import Hummingbird
import Logging
import NIOCore

/// HTTP on the one side, `Call` and `Answer` on the other.
struct Responder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// A larger body is refused with 413; a message has at most 16 KiB where charond sends it.
    static let maximumBodyBytes = 1 << 20

    let store: Store
    let options: Server.Options
    let logger: Logger

    func respond(to request: Request, context: Context) async throws -> Response {
        let answer = await answer(request, context)
        if options.latency > .zero { try? await Task.sleep(for: options.latency) }
        var response = Response(
            status: .init(code: answer.status, reasonPhrase: Self.reasons[answer.status] ?? ""),
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body.bytes))
        )
        response.headers[.allow] = answer.allow
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ context: Context) async -> Answer {
        do {
            return try await store.answer(call(request))
        } catch let refusal as Refusal {
            return refusal.answer
        } catch is CancellationError {
            return Answer(status: 503, body: ["error": "the server is stopping"])
        } catch {
            logger.error(
                "request failed",
                metadata: ["request.id": "\(context.id)", "http.method": "\(request.method)", "error": "\(error)"]
            )
            return Answer(
                status: 500,
                body: [
                    "error": "the server failed; its log says more under this request id",
                    "request_id": .string(context.id),
                ]
            )
        }
    }

    private func call(_ request: Request) async throws -> Call {
        let method = request.method.rawValue
        let route = try Route.find(method: method, path: request.uri.path, base: options.basePath)
        var call = Call(
            route: route,
            apiKey: request.headers.first { $0.name.canonicalName == "x-api-key" }?.value,
            idempotencyKey: request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
        )
        for (name, value) in request.uri.queryParameters { call.query[String(name)] = String(value) }
        guard method == "POST" else { return call }
        do {
            call.body = Array(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        } catch is NIOTooManyBytesError {
            throw Refusal(status: 413, reason: "the body is larger than \(Self.maximumBodyBytes) bytes")
        }
        return call
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
        409: "Conflict", 413: "Content Too Large", 418: "I'm a teapot", 422: "Unprocessable Content",
        500: "Internal Server Error", 503: "Service Unavailable",
    ]
}
