import CharonCore
import Glibc
import Synchronization

/// A Charon on loopback that answers as a script says, for the answers that charon-server cannot give.
final class StubServer: Sendable {
    /// One request: `GET /api/job/can-start`, its headers, its body.
    struct Request: Sendable {
        let method: String
        let path: String
        /// In the order of their arrival, names in lower case.
        let fields: [(name: String, value: String)]
        let bytes: [UInt8]
        /// Counted from 1 over all requests of the server.
        var number = 0

        /// The headers; of one that came twice the last.
        var headers: [String: String] { Dictionary(fields.map { ($0.name, $0.value) }) { $1 } }
        var body: String { String(decoding: bytes, as: UTF8.self) }
        /// The last part of the path: `can-start`, `start`, `message`, `end`.
        var call: String { path.split(separator: "/").last.map(String.init) ?? "" }
        var json: JSON { (try? JSON.parse(body.utf8)) ?? .null }
    }

    /// What a request gets.
    enum Answer: Sendable {
        case reply(Int, String, headers: String = "Content-Type: application/json\r\n")
        /// The connection is closed without an answer.
        case close
        /// Nothing, for as long as the client waits.
        case silence
    }

    /// The usual answers of a Charon whose crons are all active.
    static func usual(_ request: Request) -> Answer {
        switch request.call {
        case "can-start": .reply(200, #"{"id": 7, "active": true}"#)
        case "start": .reply(200, #"{"id": 4711}"#)
        default: .reply(200, #"{"id": \#(request.number)}"#)
        }
    }

    let url: String
    private let listener: Int32
    private let log = Mutex<[Request]>([])
    private let script: Mutex<@Sendable (Request) -> Answer>

    init(_ script: @escaping @Sendable (Request) -> Answer) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) != 0 || listen(socket, 128) != 0 || getsockname(socket, $0, &length) != 0
            }
        }
        guard !failed else { throw Failed("no listener: \(errno)") }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/api"
        self.script = Mutex(script)
        try LoopThread.start("stub") { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                try? LoopThread.start("stub") { [self] in
                    serve(connection)
                    close(connection)
                }
            }
        }
    }

    /// Answers by another script from now on.
    func change(_ script: @escaping @Sendable (Request) -> Answer) { self.script.withLock { $0 = script } }

    /// Ends the accepting thread.
    ///
    /// The number of its descriptor stays taken, so that nobody else gets it.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The requests so far, in the order of their arrival.
    var requests: [Request] { log.withLock { $0 } }

    /// The calls of the requests so far.
    var calls: [String] { requests.map(\.call) }

    private func serve(_ connection: Int32) {
        var bytes: [UInt8] = []
        while let request = next(connection, &bytes) {
            switch script.withLock({ $0 })(request) {
            case .reply(let status, let body, let headers):
                let head = "HTTP/1.1 \(status) Scripted\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
                let answer = Array((head + body).utf8)
                guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else {
                    return
                }
            case .close: return
            case .silence:
                var buffer = [UInt8](repeating: 0, count: 1024)
                while read(connection, &buffer, buffer.count) > 0 {}
                return
            }
        }
    }

    /// Reads one request; nil at the end of the connection.
    private func next(_ connection: Int32, _ bytes: inout [UInt8]) -> Request? {
        while true {
            if let request = Self.take(from: &bytes) {
                return log.withLock { log in
                    var numbered = request
                    numbered.number = log.count + 1
                    log.append(numbered)
                    return numbered
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func take(from bytes: inout [UInt8]) -> Request? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard words.count == 3 else { return nil }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: parts[0].lowercased(), value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let rest = bytes[end.upperBound...]
        let body: (bytes: [UInt8], end: Int)?
        if fields.contains(where: { $0.name == "transfer-encoding" && $0.value.lowercased() == "chunked" }) {
            body = chunks(rest)
        } else {
            let length = fields.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
            body = rest.count < length ? nil : (Array(rest.prefix(length)), rest.startIndex + length)
        }
        guard let body else { return nil }
        bytes.removeFirst(body.end)
        return Request(method: words[0], path: words[1], fields: fields, bytes: body.bytes)
    }

    /// The chunks that `bytes` begin with, and where they end (RFC 9112, 7.1); nil if the last one is not there yet.
    private static func chunks(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
        let newline = Array("\r\n".utf8)
        var rest = bytes
        var body: [UInt8] = []
        while let line = rest.firstRange(of: newline) {
            let size = String(decoding: rest[..<line.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let count = Int(size, radix: 16), rest.endIndex - line.upperBound >= count + 2 else { return nil }
            body += rest[line.upperBound..<line.upperBound + count]
            rest = rest[(line.upperBound + count + 2)...]
            if count == 0 { return (body, rest.startIndex) }
        }
        return nil
    }
}
