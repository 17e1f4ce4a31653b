import CharonAPI
import CharonClient
import CharonCore
import Testing

let secretText = "key-0123456789abcdef"
let canStart = CharonCall.canStart(slug).request()
let start = CharonCall.start(.slug(slug)).request(idempotencyKey: "run/0")
let message = CharonCall.message(execution, .info, "hello").request(idempotencyKey: "run/1")
let end = CharonCall.end(execution, .success, success: true, message: nil).request()

// Constants of the tests; a mistake here ends the first test that uses one.
private let slug = Slug("nightly").unsafelyUnwrapped
private let execution = ExecutionID("17").unsafelyUnwrapped

/// Runs `body` with a transport to `url`, and shuts it down.
func withTransport<Result: Sendable>(
    _ url: String,
    caFile: String? = nil,
    connections: Int = 8,
    connectTimeout: TimeSpan = .seconds(30),
    _ body: (HTTPTransport) async throws -> Result
) async throws -> Result {
    let transport = try HTTPTransport(
        base: BaseURL(url),
        key: #require(Secret(secretText)),
        caFile: caFile,
        version: "1.2.3",
        connections: connections,
        connectTimeout: connectTimeout
    )
    defer { transport.shutdown() }
    return try await body(transport)
}

/// Runs `body` with a scripted server and a transport to it.
func withServer<Result: Sendable>(
    connections: Int = 8,
    _ script: @escaping ScriptedServer.Script,
    _ body: (HTTPTransport, ScriptedServer) async throws -> Result
) async throws -> Result {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    return try await withTransport("http://127.0.0.1:\(server.port)/api/", connections: connections) {
        try await body($0, server)
    }
}

/// The answer to one request to a server that follows `script`.
func exchange(
    _ request: CharonRequest,
    deadline: TimeSpan = .seconds(30),
    _ script: @escaping ScriptedServer.Script
) async throws -> Exchange {
    try await withServer(script) { transport, _ in await transport.exchange(request, deadline: deadline) }
}

extension Exchange {
    var response: CharonResponse? { if case .response(let response) = self { response } else { nil } }
    var failure: ExchangeFailure? { if case .failure(let failure) = self { failure } else { nil } }
    var text: String? { response.map { String(decoding: $0.body, as: UTF8.self) } }
}
