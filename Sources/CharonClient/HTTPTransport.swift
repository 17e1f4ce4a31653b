import AsyncHTTPClient
package import CharonAPI
package import CharonCore
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// One application of Charon over HTTP/1.1, with kept-alive connections for everything but `start`.
///
/// A `start` on a pooled connection that the server is just closing could not be told from one that was received and
/// lost; hence each start has a connection of its own. Redirects are not followed and nothing is retried.
/// `shutdown()` must be called before the last reference goes.
package final class HTTPTransport: CharonTransport {
    /// One connection pool, and who may use it.
    private struct Lane {
        let client: HTTPClient
        let slots: RequestSlots

        func shutdown() async {
            slots.close()
            // Throws only if this is the second time.
            try? await client.shutdown()
        }
    }

    private let base: BaseURL
    private let key: Mutex<Secret>
    private let userAgent: String
    private let pooled: Lane
    private let fresh: Lane

    /// Makes the client; no connection is opened yet.
    ///
    /// `caFile` is a PEM file of the certificates that are trusted instead of the system's. `connections` is the most
    /// to the server at once, half of them for starts; at least 2. `connectTimeout` bounds name look-up, TCP and TLS
    /// within an exchange's deadline. Throws for a CA file that cannot be used.
    package init(
        base: BaseURL,
        key: Secret,
        caFile: String? = nil,
        version: String,
        connections: Int = 8,
        connectTimeout: TimeSpan = .seconds(5)
    ) throws(CharonError) {
        let trust = try caFile.map { path throws(CharonError) in try Self.trust(path) }
        self.base = base
        self.key = Mutex(key)
        userAgent = "charond/\(version)"
        // One loop for requests and connections: what the collector knows is then exact, and nothing changes threads.
        let loop = HTTPClient.defaultEventLoopGroup.any()
        func lane(_ count: Int, isFresh: Bool) -> Lane {
            let configuration = Self.configuration(count, isFresh: isFresh, trust, connectTimeout)
            return Lane(
                client: HTTPClient(eventLoopGroup: loop, configuration: configuration),
                slots: RequestSlots(count: count)
            )
        }
        let starts = max(connections / 2, 1)
        fresh = lane(starts, isFresh: true)
        pooled = lane(max(connections - starts, 1), isFresh: false)
    }

    package func exchange(_ request: CharonRequest, deadline: TimeSpan) async -> Exchange {
        let lane = request.kind == .start ? fresh : pooled
        guard await lane.slots.acquire(request.kind.urgency) else {
            return .failure(
                ExchangeFailure(.cancelled, written: false, detail: "given up before a connection was free")
            )
        }
        defer { lane.slots.release() }
        let key = key.withLock { $0 }
        let collector = AnswerCollector(key: key)
        let milliseconds = min(max(deadline.milliseconds, 1), 86_400_000)
        let end = NIODeadline.now() + .milliseconds(milliseconds)
        do {
            let task = lane.client.execute(request: try httpRequest(request, key), delegate: collector, deadline: end)
            let response = try await withTaskCancellationHandler {
                // The future's own get() would come back by way of another thread.
                try await withCheckedThrowingContinuation { continuation in
                    task.futureResult.whenComplete { continuation.resume(with: $0) }
                }
            } onCancel: {
                task.cancel()
            }
            return .response(response)
        } catch {
            // An error page that goes on for ever is an answer all the same.
            if error is AnswerCollector.BodyTooLarge, let response = collector.response, !response.isSuccess {
                return .response(response)
            }
            // The library names an older failure to connect where a deadline passed.
            if NIODeadline.now() >= end {
                return .failure(ExchangeFailure(timeout: deadline, base: base, written: collector.isWritten))
            }
            return .failure(ExchangeFailure(error, base: base, written: collector.isWritten))
        }
    }

    /// Takes another key from the next exchange on; false if it is the same.
    package func replace(key: Secret) -> Bool {
        self.key.withLock { current in
            defer { current = key }
            return current.revealed != key.revealed
        }
    }

    /// Ends all exchanges under way as cancelled and closes the connections; later exchanges fail at once.
    ///
    /// Returns within `connectTimeout`: a connection that is just being opened cannot be called back.
    package func shutdown() async {
        async let first: Void = fresh.shutdown()
        await pooled.shutdown()
        await first
    }

    private func httpRequest(_ request: CharonRequest, _ key: Secret) throws -> HTTPClient.Request {
        var headers: HTTPHeaders = [
            "X-API-KEY": key.revealed, "User-Agent": userAgent, "Accept": "application/json",
        ]
        if request.body != nil { headers.add(name: "Content-Type", value: "application/json") }
        if let idempotencyKey = request.idempotencyKey {
            headers.add(name: "Idempotency-Key", value: idempotencyKey)
        }
        return try HTTPClient.Request(
            url: base.description + request.path,
            method: request.method == .get ? .GET : .POST,
            headers: headers,
            body: request.body.map { .bytes($0) }
        )
    }

    private static func configuration(
        _ connections: Int,
        isFresh: Bool,
        _ trust: [NIOSSLCertificate]?,
        _ connectTimeout: TimeSpan
    ) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let trust { tls.trustRoots = .certificates(trust) }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .milliseconds(min(max(connectTimeout.milliseconds, 1), 86_400_000)))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Retries are the caller's, who has a breaker; here they would turn a refusal into silence.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A connection that was opened for a start and not used must not wait for the next one.
        configuration.connectionPool.idleTimeout = isFresh ? .milliseconds(1) : .seconds(30)
        configuration.maximumUsesPerConnection = isFresh ? 1 : nil
        return configuration
    }

    private static func trust(_ path: String) throws(CharonError) -> [NIOSSLCertificate] {
        let certificates = (try? NIOSSLCertificate.fromPEMFile(path)) ?? []
        guard !certificates.isEmpty else {
            throw CharonError(
                .configuration,
                "the CA file cannot be read or holds no certificate: it must be a PEM file",
                location: path
            )
        }
        return certificates
    }
}

extension CharonCall.Kind {
    var urgency: RequestSlots.Queue.Urgency {
        switch self {
        case .canStart, .start: .gate
        case .end: .end
        case .message: .message
        }
    }
}
