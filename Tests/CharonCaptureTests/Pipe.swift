import CharonCore
import Glibc

/// A pipe or a socket pair, close-on-exec, with blocking ends.
final class Pipe {
    let reading: Int32
    private(set) var writing: Int32
    private var isReadingOpen = true

    init(isSocket: Bool = false) throws {
        var ends: [Int32] = [0, 0]
        guard isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 : pipe(&ends) == 0
        else { throw SystemError.last("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() {
        if isReadingOpen { close(reading) }
        isReadingOpen = false
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// What `fill` writes.
    static let filler: UInt8 = 0x78

    /// Writes until there is no room; the ends block afterwards as before.
    func fill() throws {
        let page = [UInt8](repeating: Self.filler, count: 4096)
        guard fcntl(writing, F_SETFL, O_WRONLY | O_NONBLOCK) == 0 else { throw SystemError.last("fcntl") }
        for size in [page.count, 1] { while Glibc.write(writing, page, size) > 0 {} }
        guard fcntl(writing, F_SETFL, O_WRONLY) == 0 else { throw SystemError.last("fcntl") }
    }

    func write(_ text: String) { _ = text.withCString { Glibc.write(writing, $0, text.utf8.count) } }

    /// Reads at most `limit` bytes, waiting for the first of them; empty at the end.
    func read(_ limit: Int = 65_536) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(Glibc.read(reading, buffer.baseAddress, limit), 0)
        }
    }

    /// Reads to the end; the writing end here is closed first.
    func readToEnd() -> [UInt8] {
        closeWriting()
        var all: [UInt8] = []
        while case let bytes = read(), !bytes.isEmpty { all += bytes }
        return all
    }
}
