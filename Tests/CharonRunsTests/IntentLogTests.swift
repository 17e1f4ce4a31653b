import CharonCore
import CharonRuns
import Foundation
import Testing

@Suite struct IntentLogTests {
    private let temporary: TemporaryDirectory
    private let now = Instant(seconds: 1_769_832_306)
    private var path: String { temporary.path + "/intents" }

    init() throws { temporary = try TemporaryDirectory() }

    private func intent(_ change: (inout RunRequest) -> Void = { _ in }) throws -> IntentLog.Intent {
        var request = RunRequest(
            run: RunID(at: now), slug: try #require(Slug("nightly")), application: "shop",
            argv: ["/bin/sh", "-c", "a"],
            uid: 33, askedAt: now)
        change(&request)
        return IntentLog.Intent(request: request, at: now.advanced(bySeconds: 1))
    }

    private func open() throws -> (log: IntentLog, left: [IntentLog.Intent]) {
        try IntentLog.open(state: temporary.path)
    }

    private var left: [IntentLog.Intent] { get throws { try open().left } }

    @Test func keepsUntilReleased() throws {
        let (log, none) = try open()
        #expect(none.isEmpty)
        let one = try intent()
        let two = try intent { $0.timeout = .seconds(60) }
        #expect(try log.keep(one))
        #expect(try log.keep(two))
        #expect(try Set(left) == [one, two])
        try log.release(one.request.run)
        #expect(try left == [two])
        try log.release(two.request.run)
        try log.release(two.request.run)
        #expect(try left.isEmpty)
    }

    @Test func aLaterOpeningReleasesWhatAnEarlierOneKept() throws {
        let one = try intent()
        #expect(try open().log.keep(one))
        let (log, left) = try open()
        #expect(left == [one])
        try log.release(one.request.run)
        #expect(try self.left.isEmpty)
    }

    @Test func theLaterIntentOfARunTakesTheSlotOfTheEarlier() throws {
        let log = try open().log
        var one = try intent()
        #expect(try log.keep(one))
        one.at = one.at.advanced(bySeconds: 60)
        #expect(try log.keep(one))
        #expect(try left == [one])
    }

    /// Nothing is left to be allocated, so that an intent costs no commit of the file system's journal.
    @Test func theFileHasItsSizeAndItsBlocksFromTheStart() throws {
        let log = try open().log
        var status = stat()
        #expect(stat(path, &status) == 0)
        let (size, blocks) = (status.st_size, status.st_blocks)
        #expect(size == IntentLog.slots * IntentLog.slotSize)
        #expect(blocks * 512 >= size)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try log.keep(intent()))
        #expect(stat(path, &status) == 0)
        #expect(status.st_size == size && status.st_blocks == blocks)
    }

    @Test func saysWhenThereIsNoRoom() throws {
        let log = try open().log
        let first = try intent()
        #expect(try log.keep(first))
        for _ in 1..<IntentLog.slots { #expect(try log.keep(intent())) }
        let last = try intent()
        #expect(try !log.keep(last))
        #expect(try left.count == IntentLog.slots)
        try log.release(first.request.run)
        #expect(try log.keep(last))
        #expect(try left.contains(last))
    }

    @Test func shortensALongCommandLine() throws {
        let log = try open().log
        let long = try intent {
            $0.argv = ["/usr/bin/php", String(repeating: "x", count: IntentLog.slotSize)]
            $0.directory = "/srv"
        }
        #expect(try log.keep(long))
        var short = long
        short.request.argv = ["/usr/bin/php"]
        short.request.directory = ""
        #expect(try left == [short])
    }

    @Test func refusesWhatFitsIntoNoSlot() throws {
        let log = try open().log
        let long = try intent { $0.cronID = CronID(String(repeating: "x", count: IntentLog.slotSize)) }
        try #require(long.request.cronID != nil)
        #expect(try !log.keep(long))
        #expect(try left.isEmpty)
    }

    @Test func aTornSlotIsNoIntentAndIsUsedAgain() throws {
        let (log, _) = try open()
        #expect(try log.keep(intent()))
        let file = try Descriptor.open(path, O_RDWR)
        let bytes = try file.read(at: 0, limit: IntentLog.slots * IntentLog.slotSize)
        let slot = try #require(bytes.firstIndex { $0 != 0 }) / IntentLog.slotSize
        // The first sector is what was there before, the others are new.
        var zeros = [UInt8](repeating: 0, count: 128)
        #expect(pwrite(file.number, &zeros, zeros.count, slot * IntentLog.slotSize) == zeros.count)
        let (next, left) = try open()
        #expect(left.isEmpty)
        for _ in 0..<IntentLog.slots { #expect(try next.keep(intent())) }
    }

    @Test func aFileThatWasCutKeepsItsIntentsAndGetsItsSizeBack() throws {
        let (log, _) = try open()
        let kept = try (0..<8).map { _ in try intent() }
        for one in kept { #expect(try log.keep(one)) }
        let size = (IntentLog.slots * IntentLog.slotSize)
        let bytes = try Descriptor.open(path, O_RDONLY).read(at: 0, limit: size)
        let used = try #require(bytes.lastIndex { $0 != 0 }) / IntentLog.slotSize + 1
        #expect(truncate(path, used * IntentLog.slotSize - 100) == 0)
        #expect(try Set(open().left).isSubset(of: kept))
        #expect(try left.count >= 7)
        #expect(try Descriptor.open(path, O_RDONLY).size == Int64(size))
    }

    @Test func anUnwritableFileIsAnError() throws {
        try Data().write(to: URL(fileURLWithPath: path + "-target"))
        #expect(symlink(path + "-target", path) == 0)
        #expect(throws: SystemError("open", errno: ELOOP, path)) { try open() }
    }
}
