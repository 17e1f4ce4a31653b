import CharonCore
import Glibc
import Testing

@testable import CharonSystemd

/// In a process of its own: the descriptors from 3 on are the service manager's.
@Suite("Passed sockets")
struct ListenSocketTests {
    @Test("A listening Unix stream socket is taken, close-on-exec and non-blocking")
    func listener() async {
        await #expect(processExitsWith: .success) {
            let place = try Place()
            closefrom(3)
            try #require(try Self.listen("\(place.path)/a", at: 3))
            try #require(try Self.listen("\(place.path)/b", at: 4))
            let sockets = try ListenSocket.take(
                ServiceVariables(["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "control:b"]))
            try #require(sockets.map(\.name) == ["control", "b"])
            try #require(sockets.map(\.descriptor.number) == [3, 4])
            try #require(fcntl(3, F_GETFD) == FD_CLOEXEC)
            try #require(fcntl(3, F_GETFL) & O_NONBLOCK != 0)
            try #require(try ListenSocket.take(ServiceVariables([:])).isEmpty)
        }
    }

    @Test("Anything else is an error that names it, and everything is closed")
    func others() async {
        await #expect(processExitsWith: .success) {
            let place = try Place()
            let kinds: [(String, () throws -> Int32)] = [
                ("no socket", { open("/dev/null", O_RDONLY) }),
                ("another kind", { socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0) }),
                ("another kind", { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }),
                ("another kind", { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }),
                ("not open", { -1 }),
            ]
            for (index, (what, make)) in kinds.enumerated() {
                closefrom(3)
                try #require(try Self.listen("\(place.path)/\(index)", at: 3))
                let number = try make()
                try #require(number == 4 || number == -1)
                do {
                    _ = try ListenSocket.take(
                        ServiceVariables(["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b\n"]))
                    try #require(Bool(false))
                } catch let error as CharonError {
                    try #require(error.code == .configuration)
                    try #require(error.description.contains(what))
                    try #require(error.location == "descriptor 4 (b)")
                }
                try #require(fcntl(3, F_GETFD) == -1)
                try #require(fcntl(4, F_GETFD) == -1)
            }
        }
    }

    private static func listen(_ path: String, at wanted: Int32) throws -> Bool {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var to = sockaddr_un()
        to.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &to.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &to) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
        }
        guard bound == 0, Glibc.listen(number, 1) == 0 else { throw SystemError.last("listen", path) }
        return number == wanted
    }
}
