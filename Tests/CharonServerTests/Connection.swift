import CharonCore
import Foundation
import Glibc

/// One HTTP/1.1 connection to 127.0.0.1 with blocking calls, written out so that nothing is retried or corrected.
final class Connection: Sendable {
    struct Failure: Error {
        let step: String
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(step: "connect") }
    }

    deinit { close(descriptor) }

    /// Sends one request and returns its reply; throws if none has begun within the seconds.
    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil, seconds: Int = 30
    ) async throws -> Reply {
        let request = Self.request(method, path, headers, body)
        return try await onThread { [self] in
            try write(request)
            var bytes: [UInt8] = []
            while true {
                if let reply = Reply(bytes, hasBody: method != "HEAD") { return reply }
                guard case .bytes(let part) = read(seconds: seconds) else { throw Failure(step: "receive") }
                bytes += part
            }
        }
    }

    /// What came of a request whose reply may be none: all bytes, and how the connection was after them.
    struct Remains: Sendable {
        enum Ending: Sendable {
            /// Nothing came for a while, or enough had come.
            case open
            case closed
            case reset
        }

        fileprivate(set) var bytes: [UInt8] = []
        fileprivate(set) var ending = Ending.open

        /// The whole reply that the bytes are; nil if they are none.
        var reply: Reply? { Reply(bytes, hasBody: true) }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Sends one request and reads until nothing comes for the seconds, the connection ends or `limit` bytes have come.
    func remains(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        limit: Int = .max, seconds: Int = 30
    ) async throws -> Remains {
        let request = Self.request(method, path, headers, body)
        return try await onThread { [self] in
            try write(request)
            var remains = Remains()
            while remains.bytes.count < limit {
                switch read(seconds: seconds) {
                case .bytes(let part): remains.bytes += part
                case .end(let ending):
                    remains.ending = ending
                    return remains
                }
            }
            return remains
        }
    }

    private static func request(
        _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?
    ) -> [UInt8] {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8) + (body ?? [])
    }

    /// A thread of its own: a blocked one of a pool would be missing on the server's side.
    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    private func write(_ request: [UInt8]) throws {
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0x4000) }
            guard count > 0 else { throw Failure(step: "send") }
            sent += count
        }
    }

    private enum Piece {
        case bytes(ArraySlice<UInt8>)
        case end(Remains.Ending)
    }

    private func read(seconds: Int) -> Piece {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &part, part.count, 0)
        if count > 0 { return .bytes(part[..<count]) }
        if count == 0 { return .end(.closed) }
        return .end(errno == ECONNRESET ? .reset : .open)
    }
}

/// An HTTP reply.
struct Reply: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]

    /// Nil while `bytes` is no whole reply yet.
    fileprivate init?(_ bytes: [UInt8], hasBody: Bool) {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let length = hasBody ? Int(headers["content-length"] ?? "") ?? 0 : 0
        guard bytes.count >= end + 4 + length, let status = Int(lines[0].split(separator: " ")[1]) else { return nil }
        self.status = status
        self.headers = headers
        body = Array(bytes[(end + 4)...])
    }

    /// The body as JSON; null if it is none.
    var json: JSON { (try? JSON.parse(body)) ?? .null }
    /// The id of a start, an end or a message.
    var id: Int64? { json["id"]?.integer }
    /// The reason of a refusal.
    var reason: String { json["error"]?.string ?? "" }
}
