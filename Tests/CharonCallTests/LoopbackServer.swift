import CharonCore
import Glibc
import Synchronization

/// An HTTP server on loopback, with a thread for each connection and one answer for each.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        let line: String
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
        }
    }

    /// Bytes to be sent as they are; nil closes the connection without an answer.
    typealias Handler = @Sendable (Request, Int) -> [UInt8]?

    let port: UInt16
    private let listener: Int32
    private let log = Mutex<[Request]>([])

    init(_ handler: @escaping Handler) throws {
        let (listener, port) = try Self.listen()
        (self.listener, self.port) = (listener, port)
        try LoopThread.start("loopback") { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                try? LoopThread.start("loopback") { [self] in
                    defer { close(descriptor) }
                    guard let request = Self.read(descriptor) else { return }
                    let number = log.withLock { log in
                        log.append(request)
                        return log.count
                    }
                    guard let answer = handler(request, number) else { return }
                    Self.write(answer, to: descriptor)
                }
            }
        }
    }

    /// What was asked, in the order in which it came.
    var requests: [Request] { log.withLock { $0 } }

    var url: String { "http://127.0.0.1:\(port)" }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    static func answer(_ status: Int, _ body: String = "", _ headers: String = "") -> [UInt8] {
        Array("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)".utf8)
    }

    /// A port of loopback that nobody listens on.
    static func deadPort() throws -> UInt16 {
        let (listener, port) = try listen()
        close(listener)
        return port
    }

    private static func read(_ descriptor: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let body = Array(bytes[end.upperBound...])
                let request = Request(line: String(head.prefix { $0 != "\r\n" }), head: head, body: body)
                let length = request.header("content-length").flatMap { Int($0) } ?? 0
                if body.count >= length { return request }
            }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || Glibc.listen(listener, 64) != 0
                    || getsockname(listener, $0, &length) != 0
            }
        }
        guard listener >= 0, !failed else { throw SystemError.last("listen") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
