import CLinux
import CharonCore
import Glibc
import Testing

/// A journald's socket, in a directory that goes with it; nothing is taken from it but by `entries`.
final class TestJournald {
    private let directory: String
    let path: String
    private let socket: Int32

    init() throws {
        var template = Array("/tmp/charon-journald-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = "\(directory)/socket"
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

    deinit {
        close(socket)
        unlink(path)
        rmdir(directory)
    }

    /// A shell script that runs charon-run with this journald; see `Wrapped`.
    var shell: String { "export CHARON_JOURNAL_SOCKET=\(path); exec \"$@\"" }

    /// Takes what is there: the fields of each entry, which must all be of the short form.
    func entries() throws -> [[String: String]] {
        var entries: [[String: String]] = []
        var bytes = [UInt8](repeating: 0, count: 300_000)
        var descriptors = [Int32](repeating: -1, count: 8)
        while true {
            var count = 0
            let size = clinux_receive(socket, &bytes, bytes.count, &descriptors, &count)
            guard size >= 0 else { return entries }
            var text = bytes[..<size]
            if count == 1 {
                let file = Descriptor(owning: descriptors[0])
                text = try file.read(at: 0, limit: Int(try file.size))[...]
            }
            let pairs = text.split(separator: 0x0A).map { $0.split(separator: 0x3D, maxSplits: 1) }
            let fields = try pairs.map { pair in
                (try Self.text(pair.first), pair.count > 1 ? try Self.text(pair[1]) : "")
            }
            entries.append(Dictionary(fields) { first, _ in first })
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>?) throws -> String {
        String(decoding: try #require(bytes), as: UTF8.self)
    }
}
