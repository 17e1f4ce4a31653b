import AsyncHTTPClient
import CharonCore
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests by AsyncHTTPClient: HTTP/1.1, no redirects, a connection for each request, everything within its time.
struct HTTPTransport: Transport {
    private let client: HTTPClient

    /// `caFile` replaces the system's certificates; `proxy` is for all requests.
    init(caFile: String?, timeout: TimeSpan, proxy: ProxyAddress?) throws(CallFailure) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let caFile {
            // Read here, as a mistake in it would come as a failed connection.
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caFile))
            } catch {
                throw CallFailure(.configuration, "\"ca_file\" \(caFile) cannot be read as certificates in PEM")
            }
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                // Shorter than the time of a request, so that what was never sent is known as such.
                connect: .milliseconds(min(10_000, timeout.milliseconds * 3 / 4)),
                read: .milliseconds(timeout.milliseconds)))
        configuration.httpVersion = .http1Only
        // A connection that idled may be gone, and a POST that is lost on it cannot be sent again.
        configuration.maximumUsesPerConnection = 1
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = proxy?.configuration
        client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1), configuration: configuration)
    }

    /// Ends its connections.
    func shutdown() async { try? await client.shutdown() }

    func send(_ sending: Sending) async throws(TransportFailure) -> Answer {
        let request = try Self.request(sending.request)
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await exchange(request, sending.target) }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(sending.limit.milliseconds))
                    throw TransportFailure.lost("no whole answer within \(sending.limit)")
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw TransportFailure.lost("no answer") }
                return answer
            }
        } catch {
            throw TransportFailure(error)
        }
    }

    private static func request(_ prepared: PreparedRequest) throws(TransportFailure) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: prepared.url)
        request.method = HTTPMethod(rawValue: prepared.method.rawValue)
        for field in prepared.headers { request.headers.add(name: field.name.rawName, value: field.value) }
        switch prepared.body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(ByteBuffer(bytes: bytes))
        case .multipart(let segments):
            let stream = try MultipartStream(segments)
            request.body = .stream(stream, length: .known(stream.length))
        }
        return request
    }

    private func exchange(_ request: HTTPClientRequest, _ target: SaveTarget?) async throws -> Answer {
        let response = try await client.execute(request, deadline: .distantFuture)
        let status = Int(response.status.code)
        var fields = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        if let target, target.success.contains(where: { $0.contains(status) }) {
            let file = try SavedFile(target)
            for try await part in response.body { try file.write(part.readableBytesView) }
            try file.commit()
            return Answer(status: status, headers: fields, isSaved: true)
        }
        var body: [UInt8] = []
        for try await part in response.body {
            guard body.count + part.readableBytes <= Answer.largestBody else {
                throw CallFailure(
                    .refused,
                    "the answer has more than \(Answer.largestBody >> 20) MiB, which only \"save\" without values takes"
                )
            }
            body += part.readableBytesView
        }
        return Answer(status: status, headers: fields, body: body)
    }
}
