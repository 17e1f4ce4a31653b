import CharonCore
import CharonRuns
import Foundation
import Testing

@Suite struct RecordFileTests {
    private let temporary: TemporaryDirectory
    private let path: String

    init() throws {
        temporary = try TemporaryDirectory()
        path = temporary.path + "/record"
    }

    @Test(arguments: [RecordFile.Durability.process, .disk])
    func replacesAFile(_ durability: RecordFile.Durability) throws {
        #expect(try RecordFile.read(path) == nil)
        try RecordFile.replace(path, with: [1, 2, 3], durability: durability)
        let old = try Descriptor.open(path, O_RDONLY)
        try RecordFile.replace(path, with: [4], durability: durability, mode: 0o644)
        #expect(try RecordFile.read(path) == [4])
        #expect(try old.read(at: 0, limit: 10) == [1, 2, 3], "an open file keeps the old text")
        #expect(try RecordFile.names(in: temporary.path) == ["record"])
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    @Test func readersSeeOneTextOrTheOther() throws {
        let texts = (0..<2).map { [UInt8](repeating: UInt8($0), count: 40_000 + 10_000 * $0) }
        try RecordFile.replace(path, with: texts[0], durability: .process)
        let path = path
        try LoopThread.start("replace") {
            for round in 1...500 {
                try? RecordFile.replace(path, with: texts[round % 2], durability: .process)
            }
            try? RecordFile.replace(path + "-done", with: [], durability: .process)
        }
        while try RecordFile.read(path + "-done") == nil {
            let seen = try #require(try RecordFile.read(path))
            #expect(texts.contains(seen))
        }
    }

    @Test func refusesASymbolicLink() throws {
        try RecordFile.replace(path, with: [1], durability: .process)
        symlink(path, path + "-link")
        #expect(throws: SystemError("open", errno: ELOOP, path + "-link")) { try RecordFile.read(path + "-link") }
        // A link planted where the new text is written must not lead it elsewhere.
        let temporary = try #require(
            path.lastIndex(of: "/").map { "\(path[...$0]).\(path[path.index(after: $0)...]).new" })
        symlink("/dev/full", temporary)
        #expect(throws: SystemError("open", errno: ELOOP, temporary)) {
            try RecordFile.replace(path, with: [2], durability: .process)
        }
        #expect(try RecordFile.read(path) == [1])
    }

    @Test func readsJSONOrNothing() throws {
        #expect(try RecordFile.readJSON(path) == nil)
        try RecordFile.replace(path, with: Array("{\"a\":1}\n".utf8), durability: .process)
        #expect(try RecordFile.readJSON(path) == ["a": 1])
        try RecordFile.replace(path, with: Array("{\"a\":".utf8), durability: .process)
        #expect(try RecordFile.readJSON(path) == nil)
    }

    @Test func refusesAFileThatIsNoneOfOurs() throws {
        try RecordFile.replace(path, with: [], durability: .process)
        try #require(truncate(path, (16 << 20) + 1) == 0)
        #expect(throws: SystemError("read", errno: EFBIG, path)) { try RecordFile.read(path) }
    }

    @Test func makesDirectories() throws {
        let deep = temporary.path + "/a/b/c"
        try RecordFile.makeDirectory(deep)
        try RecordFile.makeDirectory(deep)
        #expect(try RecordFile.names(in: temporary.path + "/a/b") == ["c"])
        #expect(try RecordFile.names(in: temporary.path + "/none") == [])
        try RecordFile.replace(path, with: [], durability: .process)
        #expect(throws: SystemError("mkdir", errno: ENOTDIR, path + "/a/b")) {
            try RecordFile.makeDirectory(path + "/a/b")
        }
        #expect(throws: SystemError("opendir", errno: ENOTDIR, path)) { try RecordFile.names(in: path) }
    }

    /// A full file system: the error is told, the old text stays, and nothing is left beside it.
    @Test(.enabled(if: geteuid() == 0, "mounting a file system takes root"))
    func keepsTheOldTextOnAFullFileSystem() throws {
        let mount = temporary.path + "/full"
        try RecordFile.makeDirectory(mount)
        try #require(run("mount", "-t", "tmpfs", "-o", "size=64k", "charon-test", mount) == 0)
        defer { _ = run("umount", "-l", mount) }
        let record = mount + "/record"
        try RecordFile.replace(record, with: [1, 2, 3], durability: .disk)
        for durability in [RecordFile.Durability.process, .disk] {
            #expect(throws: SystemError("write", errno: ENOSPC, record)) {
                try RecordFile.replace(record, with: [UInt8](repeating: 7, count: 100_000), durability: durability)
            }
            #expect(try RecordFile.read(record) == [1, 2, 3])
            #expect(try RecordFile.names(in: mount) == ["record"])
        }
        try RecordFile.replace(record, with: [4], durability: .disk)
        #expect(try RecordFile.read(record) == [4])

        // A run that cannot be written leaves nothing either.
        var request = try RecordTests.request()
        request.argv = [String(repeating: "x", count: 100_000)]
        let directory = RunDirectory(state: mount, slug: request.slug, run: request.run)
        #expect(throws: SystemError.self) { try directory.create(request) }
        #expect(try RunDirectory.all(state: mount).isEmpty)
    }

    private func run(_ words: String...) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
