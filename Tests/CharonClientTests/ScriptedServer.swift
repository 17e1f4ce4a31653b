import Glibc
import Synchronization

/// A TCP listener on loopback that does to each connection what a script says.
final class ScriptedServer: Sendable {
    /// One accepted connection; closed when the script returns.
    struct Connection: Sendable {
        let descriptor: Int32
        /// 0 for the first connection of the server.
        let number: Int
        fileprivate let server: ScriptedServer

        /// Reads one request, head and body; nil at the end of the connection.
        func request() -> String? {
            var bytes: [UInt8] = []
            while true {
                if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                    let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                        .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
                    if bytes.count - end.upperBound >= length ?? 0 {
                        let text = String(decoding: bytes, as: UTF8.self)
                        server.log.withLock { $0.append(text) }
                        return text
                    }
                }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return nil }
                bytes += buffer[..<count]
            }
        }

        /// False once the peer has gone.
        @discardableResult
        func send(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }

        func answer(_ body: String, _ status: String = "200 OK", _ headers: String = "") {
            send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }

        /// Closes with RST instead of FIN.
        func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        /// Waits until the client has closed the connection.
        func waitForEnd() { while request() != nil {} }
    }

    typealias Script = @Sendable (Connection) -> Void

    let port: UInt16
    private let listener: Int32
    private let script: Script
    private let accepted = Atomic<Int>(0)
    fileprivate let log = Mutex<[String]>([])

    init(_ script: @escaping Script) throws {
        let (listener, port) = try Self.listen()
        self.listener = listener
        self.port = port
        self.script = script
        thread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let number = accepted.add(1, ordering: .relaxed).oldValue
                thread { [self] in
                    script(Connection(descriptor: descriptor, number: number, server: self))
                    close(descriptor)
                }
            }
        }
    }

    /// The requests that were read whole, in the order of their arrival.
    var requests: [String] { log.withLock { $0 } }
    var connections: Int { accepted.load(ordering: .relaxed) }

    /// Ends the accepting thread; the listener's descriptor stays open so that its number is not taken by others.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// A port of loopback that nobody listens on.
    static func deadPort() throws -> UInt16 {
        let (listener, port) = try listen()
        close(listener)
        return port
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || Glibc.listen(listener, 512) != 0
                    || getsockname(listener, $0, &length) != 0
            }
        }
        struct NoListener: Error {}
        guard listener >= 0, !failed else { throw NoListener() }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

/// Runs `body` on a thread of its own, which may block.
func thread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var identifier = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
        &identifier, nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    pthread_detach(identifier)
}
