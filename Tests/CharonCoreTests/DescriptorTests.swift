import CharonCore
import Foundation
import Synchronization
import Testing

@Suite struct DescriptorTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("charon-\(UUID())").path

    @Test func writesAndReads() throws {
        defer { unlink(path) }
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
        try file.write([])
        try file.write("hello ".utf8)
        try file.write((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })
        #expect(try file.size == 1_000_006)
        #expect(try file.read(at: 0, limit: 5) == Array("hello".utf8))
        #expect(try file.read(at: 1_000_004, limit: 100) == [62, 63])
        #expect(try file.read(at: 2_000_000, limit: 100) == [])
        #expect(try file.read(at: 0, limit: 0) == [])
        #expect(try file.read(at: 6, limit: 2_000_000).count == 1_000_000)
    }

    @Test func writesThroughAPipeThatIsShorter() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let reader = Descriptor(owning: ends[0])
        let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let writer = Mailbox(Descriptor(owning: ends[1]))
        try LoopThread.start("writer") {
            try? writer.take()?.write(bytes)
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(reader.number, &buffer, buffer.count)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        #expect(received == bytes)
        withExtendedLifetime(reader) {}
    }

    @Test func isClosedWithItsLastOwner() throws {
        // A number of its own, high up, that nothing else in this process takes in between.
        let number: Int32 = 900
        let null = try Descriptor.open("/dev/null", O_RDONLY)
        try #require(dup2(null.number, number) == number)
        var owners: [Descriptor] = [Descriptor(owning: number)]
        owners.append(owners[0])
        owners.removeFirst()
        #expect(fcntl(number, F_GETFD) >= 0)
        owners.removeAll()
        #expect(fcntl(number, F_GETFD) == -1)
        #expect(errno == EBADF)
    }

    @Test func anErrorNamesCallAndObject() throws {
        let error = #expect(throws: SystemError.self) { try Descriptor.open("/nonexistent/file", O_RDONLY) }
        #expect(error == SystemError("open", errno: ENOENT, "/nonexistent/file"))
        #expect(error?.description == "/nonexistent/file: open: No such file or directory")
        #expect(throws: SystemError("write", errno: ENOSPC)) {
            try Descriptor.open("/dev/full", O_WRONLY).write([1])
        }
        #expect(throws: SystemError("read", errno: EISDIR)) {
            try Descriptor.open("/", O_RDONLY | O_DIRECTORY).read(at: 0, limit: 10)
        }
        #expect(SystemError("fork", errno: 11).description == "fork: Resource temporarily unavailable")
    }
}

/// Hands one value from one thread to another.
private final class Mailbox: Sendable {
    private let content: Mutex<Descriptor?>

    init(_ content: Descriptor) { self.content = Mutex(content) }

    func take() -> Descriptor? {
        content.withLock { content in
            defer { content = nil }
            return content
        }
    }
}
