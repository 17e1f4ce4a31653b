import CLinux
import CharonCore
import Glibc
import Testing

/// What journald is to a sender: a datagram socket that takes native entries, in a directory that goes with it.
final class Journald {
    let directory: String
    let path: String
    private var socket: Int32 = -1

    /// F_GET_SEALS and the four seals of <fcntl.h>, which is there for GNU sources only.
    private static let getSeals: Int32 = 1034
    private static let allSeals: Int32 = 0xF

    init() throws {
        var template = Array("/tmp/charon-journald-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = "\(directory)/socket"
        try start()
    }

    deinit {
        stop()
        rmdir(directory)
    }

    /// Binds the socket, as a journald does that starts.
    func start() throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    func stop() {
        if socket >= 0 { close(socket) }
        socket = -1
        unlink(path)
    }

    /// The next entry as it came; nil if none waits.
    func receive() throws -> Received? {
        var bytes = [UInt8](repeating: 0, count: 300_000)
        var descriptors = [Int32](repeating: -1, count: 8)
        var count = 0
        let size = clinux_receive(socket, &bytes, bytes.count, &descriptors, &count)
        guard size >= 0 else {
            try #require(size == Int(-EAGAIN))
            return nil
        }
        guard count > 0 else { return Received(bytes: Array(bytes[..<size]), wasFile: false) }
        try #require(count == 1 && size == 0)
        let file = Descriptor(owning: descriptors[0])
        #expect(fcntl(file.number, Self.getSeals) == Self.allSeals)
        return Received(bytes: try file.read(at: 0, limit: Int(try file.size)), wasFile: true)
    }

    /// The next entry's fields, which must be there.
    func entry() throws -> [String: [[UInt8]]] { try #require(try receive()).fields() }
}

/// An entry of the native protocol.
struct Received {
    let bytes: [UInt8]
    /// It came as a file, not as a datagram.
    let wasFile: Bool

    /// Reads the fields as the protocol says; everything must be one.
    func fields() throws -> [String: [[UInt8]]] {
        var fields: [String: [[UInt8]]] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = try #require(rest.firstIndex { $0 == 0x3D || $0 == 0x0A })
            let name = String(decoding: rest[..<end], as: UTF8.self)
            var value = rest[(end + 1)...]
            var size = value.firstIndex(of: 0x0A).map { $0 - value.startIndex } ?? value.count
            if rest[end] == 0x0A {
                size = value.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                value = value.dropFirst(8)
            }
            fields[name, default: []].append(Array(value.prefix(size)))
            rest = value.dropFirst(size)
            #expect(rest.popFirst() == 0x0A)
        }
        return fields
    }
}
