import CharonCore
import CharonSupervisor
import Glibc
import Testing

@Suite("Watching records")
struct RecordWatchTests {
    @Test("A write is told, and the last reference takes the watch with it")
    func life() async throws {
        let directory = try TemporaryDirectory()
        let file = try Descriptor.open("\(directory.path)/file", O_WRONLY | O_CREAT, mode: 0o600)
        // More than the kernel gives a user at once (fs.inotify.max_user_instances, 128).
        for _ in 0..<300 {
            let watch = try await Self.made()
            let wakeup = Wakeup()
            let number = try #require(watch.add("\(directory.path)/file", wakeup))
            try file.write([0x61])
            #expect(await wakeup.wait(until: SteadyClock.now().advanced(bySeconds: 20)))
            watch.remove(number)
        }
    }

    /// A watch; the thread of one before may need a moment to let its descriptor go.
    private static func made() async throws -> RecordWatch {
        var made: RecordWatch?
        try await eventually("an inotify instance") {
            made = try? RecordWatch()
            return made != nil
        }
        return try #require(made)
    }
}
