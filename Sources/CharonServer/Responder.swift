import CharonCore
import Hummingbird
import Logging
import NIOCore

/// HTTP on the one side, `Call` and `Answer` on the other.
struct Responder: HTTPResponder {
    /// What a request brings with it beside itself.
    struct Context: InitializableFromSource {
        let channel: any Channel
        /// The request's number in the log.
        let id: String

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
            id = source.logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? ""
        }
    }

    /// A larger body is refused with 413; a message has at most 16 KiB where charond sends it.
    static let maximumBodyBytes = 1 << 20

    let store: Store
    let options: Server.Options
    /// Nil without faults.
    let faults: FaultPlan?
    let logger: Logger

    func respond(to request: Request, context: Context) async throws -> Response {
        let fault = fault(for: request)
        if case .replacement(let replacement, .before) = fault?.effect {
            await delay()
            return try await response(replacement, on: context.channel)
        }
        let answer = await answer(request, context)
        await delay()
        switch fault?.effect {
        case .replacement(let replacement, _): return try await response(replacement, on: context.channel)
        case .disturbance(let disturbance): return try await response(answer, disturbance, on: context.channel)
        case nil:
            let response = Self.response(answer)
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    static func response(_ answer: Answer) -> Response {
        var response = response(answer.status, answer.contentType, answer.body?.bytes ?? [])
        response.headers[.allow] = answer.allow
        return response
    }

    static func response(_ status: Int, _ contentType: String, _ body: [UInt8]) -> Response {
        Response(
            status: .init(code: status, reasonPhrase: reasons[status] ?? ""),
            headers: [.contentType: contentType],
            body: .init(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private func fault(for request: Request) -> Fault? {
        guard let faults, let call = (try? route(request))?.documentedCall, let fault = faults.next(for: call)
        else { return nil }
        logger.info("fault injected", metadata: ["fault": "\(fault.name)", "call": "\(call.rawValue)"])
        return fault
    }

    private func delay() async {
        if options.latency > .zero { try? await Task.sleep(for: options.latency) }
    }

    private func answer(_ request: Request, _ context: Context) async -> Answer {
        do {
            let route = try route(request)
            return options.dialect.spoken(try await store.answer(call(request, route)), to: route)
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

    private func route(_ request: Request) throws(Refusal) -> Route {
        try Route.find(method: request.method.rawValue, path: request.uri.path, base: options.basePath)
    }

    private func call(_ request: Request, _ route: Route) async throws -> Call {
        var call = Call(
            route: options.dialect.understood(route),
            apiKey: request.headers.first { $0.name.canonicalName == "x-api-key" }?.value,
            idempotencyKey: options.ignoresIdempotencyKeys
                ? nil : request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
        )
        for (name, value) in request.uri.queryParameters { call.query[String(name)] = String(value) }
        guard request.method == .post else { return call }
        do {
            call.body = Array(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        } catch is NIOTooManyBytesError {
            throw Refusal(status: 413, reason: "the body is larger than \(Self.maximumBodyBytes) bytes")
        }
        return call
    }

    /// The reason phrases of the statuses that the server gives.
    static let reasons = [
        200: "OK", 201: "Created", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
        413: "Content Too Large", 418: "I'm a teapot", 422: "Unprocessable Content", 425: "Too Early",
        429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout",
    ]
}
