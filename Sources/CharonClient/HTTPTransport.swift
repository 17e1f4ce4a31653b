package import CharonAPI
package import CharonCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// One application of Charon over HTTP/1.1, with kept-alive connections for everything but `start`.
///
/// A `start` on a pooled connection that the server is just closing could not be told from one that was received and
/// lost; hence each start has a connection of its own. Redirects are not followed and nothing is retried.
package final class HTTPTransport: CharonTransport {
    /// What a new key changes.
    private struct State {
        let key: Secret
        /// Those that every request carries.
        let headers: HTTPHeaders

        init(_ key: Secret, _ userAgent: String, _ base: BaseURL) {
            self.key = key
            var headers: HTTPHeaders = [
                "Host": base.hostHeader, "X-API-KEY": key.revealed, "User-Agent": userAgent,
                "Accept": "application/json",
            ]
            headers.reserveCapacity(7)
            self.headers = headers
        }
    }

    package let executor: (any TaskExecutor)?
    private let base: BaseURL
    private let state: Mutex<State>
    private let userAgent: String
    private let pooled: ConnectionPool
    private let fresh: ConnectionPool

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
        let trust = try Self.trust(base, caFile)
        self.base = base
        userAgent = "charond/\(version)"
        state = Mutex(State(key, userAgent, base))
        // One loop for requests, connections and those who wait for them: nothing changes threads.
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        executor = EventLoopExecutor(loop)
        func pool(_ count: Int, isKept: Bool) -> ConnectionPool {
            ConnectionPool(to: base, trust, count: count, isKept: isKept, connectTimeout: connectTimeout, on: loop)
        }
        let starts = max(connections / 2, 1)
        fresh = pool(starts, isKept: false)
        pooled = pool(max(connections - starts, 1), isKept: true)
    }

    package func exchange(_ request: CharonRequest, deadline: TimeSpan) async -> Exchange {
        let state = state.withLock { $0 }
        guard let head = head(of: request, state.headers) else {
            return .failure(
                ExchangeFailure(.local, written: false, detail: "a header would hold a character that ends it"))
        }
        let pool = request.kind == .start ? fresh : pooled
        return await pool.make(
            Attempt(head, request.body, to: base, state.key), request.kind.urgency, deadline: deadline)
    }

    /// Takes another key from the next exchange on; false if it is the same.
    package func replace(key: Secret) -> Bool {
        state.withLock { state in
            defer { state = State(key, userAgent, base) }
            return state.key.revealed != key.revealed
        }
    }

    /// Ends all exchanges under way as cancelled and closes the connections; later exchanges fail at once.
    package func shutdown() {
        fresh.close()
        pooled.close()
    }

    /// Nil if a value would end its header (RFC 9110, 5.5).
    private func head(of request: CharonRequest, _ common: HTTPHeaders) -> HTTPRequestHead? {
        var headers = common
        if let body = request.body {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(body.count)")
        }
        if let idempotencyKey = request.idempotencyKey {
            guard !idempotencyKey.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
            headers.add(name: "Idempotency-Key", value: idempotencyKey)
        }
        let method: HTTPMethod = request.method == .get ? .GET : .POST
        return HTTPRequestHead(version: .http1_1, method: method, uri: base.path + request.path, headers: headers)
    }

    /// What servers are trusted; nil for plain http.
    private static func trust(_ base: BaseURL, _ caFile: String?) throws(CharonError) -> NIOSSLContext? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let caFile { configuration.trustRoots = .certificates(try certificates(caFile)) }
        guard base.isTLS else { return nil }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw CharonError(.configuration, "TLS cannot be set up: \(error)", location: caFile)
        }
    }

    private static func certificates(_ path: String) throws(CharonError) -> [NIOSSLCertificate] {
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
    var urgency: ConnectionPool.Queue.Urgency {
        switch self {
        case .canStart, .start: .gate
        case .end: .end
        case .message: .message
        }
    }
}
