import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Foundation
import Testing

/// An ext4 file system in a file, whose power can be cut: a copy of that file holds only what has reached the disk.
private final class LoopDisk {
    private let directory: TemporaryDirectory
    let path: String
    private var image: String { directory.path + "/image" }

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/disk"
        guard FileManager.default.createFile(atPath: directory.path + "/image", contents: nil),
            truncate(directory.path + "/image", 64 << 20) == 0
        else { throw Missed() }
        try Self.call("mkfs.ext4", "-q", image)
        try Self.mount(image, path)
    }

    deinit { try? Self.call("umount", "--lazy", path) }

    /// What a power cut at this moment leaves, mounted beside the disk until the end of `body`.
    func afterPowerCut<Result>(_ body: (String) throws -> Result) throws -> Result {
        let copy = directory.path + "/copy"
        try Self.call("cp", image, copy + ".image")
        try Self.mount(copy + ".image", copy)
        defer {
            try? Self.call("umount", copy)
            unlink(copy + ".image")
        }
        return try body(copy)
    }

    private static func mount(_ image: String, _ path: String) throws {
        try RecordFile.makeDirectory(path)
        // The journal's own commits, once in so many seconds, must not do the daemon's work.
        try call("mount", "-o", "loop,commit=600", image, path)
    }

    private static func call(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SystemError(words[0], errno: process.terminationStatus) }
    }
}

@Suite("The daemon: what reaches the disk before Charon hears of it", .enabled(if: geteuid() == 0, "needs root"))
struct PowerCutTests {
    /// A host on a disk whose power can be cut; the instrument is tried first.
    private func host(_ disk: LoopDisk, _ charon: FakeCharon = FakeCharon()) throws -> Host {
        let host = try Host(charon, state: disk.path + "/state")
        try RecordFile.replace(disk.path + "/unsynced", with: [1], durability: .process)
        try RecordFile.replace(disk.path + "/synced", with: [1], durability: .disk)
        try RecordFile.replace(disk.path + "/unsynced", with: [1, 2], durability: .process)
        try disk.afterPowerCut { copy in
            try #require(try RecordFile.read(copy + "/synced") == [1])
            try #require(try RecordFile.read(copy + "/unsynced") != [1, 2])
        }
        return host
    }

    @Test("Without room in the log the intent is on disk in the run's own record", arguments: [true, false])
    func intent(hasLog: Bool) async throws {
        let disk = try LoopDisk()
        let charon = FakeCharon()
        let host = try host(disk, charon)
        if !hasLog { try RecordFile.makeDirectory(host.state + "/intents") }
        await host.daemon.recover()
        charon.fail(.start, .hang)
        let run = try request(at: .now())
        let beginning = Task { try await host.begin(run) }
        try await eventually("the start on its way") { !charon.requests(.start).isEmpty }
        try disk.afterPowerCut { copy in
            let directory = RunDirectory(state: copy + "/state", slug: run.slug, run: run.run)
            if hasLog {
                let left = try IntentLog.open(state: copy + "/state").left
                #expect(left.map(\.request.run) == [run.run])
                #expect(try directory.request() == nil, "on disk twice, which takes its time")
            } else {
                #expect(try directory.request()?.run == run.run)
                guard case .sent = try directory.delivery()?.start else {
                    Issue.record("no intent: \(String(describing: try directory.delivery()))")
                    return
                }
            }
        }
        charon.release(.failure(ExchangeFailure(.reset, written: true, detail: "reset")))
        _ = try await beginning.value
    }

    /// A run that has written a line and goes on.
    private func begun(_ disk: LoopDisk) async throws -> (Host, RunRequest, RunDirectory.Handles) {
        let host = try host(disk)
        await host.daemon.recover()
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("a line")
        return (host, run, handles)
    }

    @Test("An outcome that Charon has acknowledged, and the output before it, are on disk")
    func outcome() async throws {
        let disk = try LoopDisk()
        let (host, run, handles) = try await begun(disk)
        try handles.ended(.exited(code: 4), stdout: 1)
        #expect(await host.isDelivered(run))
        try disk.afterPowerCut { copy in
            let directory = RunDirectory(state: copy + "/state", slug: run.slug, run: run.run)
            #expect(try directory.request()?.run == run.run)
            guard case .ended(let ended)? = try directory.supervisorRecords().last else {
                Issue.record("no outcome")
                return
            }
            #expect(ended.outcome == .exited(code: 4))
            #expect(try OutputReader(directory).entries(from: 0).count == 1)
            guard case .answered = try directory.delivery()?.start else {
                Issue.record("the execution is not known")
                return
            }
            #expect(try IntentLog.open(state: copy + "/state").left.isEmpty)
        }
    }

    @Test("Lines are on disk after some seconds, and the run with them")
    func running() async throws {
        let disk = try LoopDisk()
        let (host, run, handles) = try await begun(disk)
        try await eventually("the line on disk") {
            try disk.afterPowerCut { copy in
                let directory = RunDirectory(state: copy + "/state", slug: run.slug, run: run.run)
                guard try directory.request() != nil else { return false }
                return try OutputReader(directory).entries(from: 0).count == 1
            }
        }
        try handles.ended(stdout: 1)
        #expect(await host.isDelivered(run))
    }
}
