import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

/// A file system of a few kilobytes, in memory, and gone with the last reference.
private final class SmallDisk {
    let directory: TemporaryDirectory
    let path: String
    private var filler: Descriptor?

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/small"
        try RecordFile.makeDirectory(path)
        guard mount("tmpfs", path, "tmpfs", 0, "size=256k") == 0 else { throw SystemError.last("mount", path) }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Uses up all that is left.
    func fill() throws {
        let file = try Descriptor.open(path + "/filler", O_WRONLY | O_CREAT, mode: 0o600)
        while (try? file.write([UInt8](repeating: 1, count: 4096))) != nil {}
        while (try? file.write([1])) != nil {}
        filler = file
    }

    func free() {
        // A process that another test is just starting may have the file for a moment.
        if let filler { ftruncate(filler.number, 0) }
        unlink(path + "/filler")
        filler = nil
    }
}

@Suite("The daemon: a full disk", .enabled(if: geteuid() == 0, "needs root"))
struct DaemonDiskTests {
    @Test("Nothing can be begun and no execution is started; later all is as before")
    func begin() async throws {
        let disk = try SmallDisk()
        let host = try Host(state: disk.path)
        try disk.fill()
        for uid in [0, 71] as [UInt32] {
            guard case .error(let reply) = try await host.begin(request(uid: uid, at: .now())) else {
                Issue.record("begun on a full disk")
                return
            }
            #expect(reply.error?.hasSuffix("RecordFailed") == true)
            #expect("\(reply.parameters)".contains("No space left on device"))
        }
        #expect(host.charon.requests(.start).isEmpty)
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(await host.daemon.isIdle(at: .now() + 60, for: .seconds(60)))
        disk.free()
        _ = try await host.run(request(at: .now()))
    }

    @Test("A run that is under way is reported to its end")
    func underWay() async throws {
        let disk = try SmallDisk()
        let host = try Host(state: disk.path)
        let run = try request(at: .now())
        let handles = try await host.run(run)
        try handles.started()
        try handles.write("before")
        try await eventually("the line") { host.charon.executions.first?.messages.count == 1 }
        // The supervisor keeps room for its outcome.
        try handles.ended(.exited(code: 5), stdout: 1)
        try disk.fill()
        try await eventually("the end") { host.charon.executions.first?.ends.count == 1 }
        #expect(host.charon.executions.first?.ends.first?.text.hasPrefix("exited with code 5") == true)
        #expect(await host.isDelivered(run))
    }

    @Test("A disk that fills up while Charon starts the execution does not lose it")
    func inBetween() async throws {
        let disk = try SmallDisk()
        let charon = FakeCharon()
        let host = try Host(charon, state: disk.path)
        let run = try request(at: .now())
        charon.fail(.start, .hang)
        let beginning = Task { try await host.begin(run) }
        try await eventually("the start") { charon.requests(.start).count == 1 }
        try disk.fill()
        // The answer that the fault held back: an execution.
        charon.with { $0.executions["e9"] = FakeCharon.Execution(cron: "nightly") }
        charon.release(.json(200, ["id": "e9"]))
        guard case .run(let handles) = try await beginning.value else {
            Issue.record("not run")
            return
        }
        await host.daemon.handedOver(run, wasTaken: true)
        disk.free()
        try handles.started()
        try handles.ended(.exited(code: 2))
        try await eventually("the end") { charon.executions.first?.ends.count == 1 }
        #expect(charon.executions.count == 1)
    }

    @Test("A skipped run leaves no directory even if its line cannot be written")
    func skipped() async throws {
        let disk = try SmallDisk()
        let charon = FakeCharon(["nightly": false])
        let host = try Host(charon, state: disk.path)
        charon.fail(.canStart, .hang)
        let beginning = Task { try await host.begin(request(at: .now())) }
        try await eventually("can-start") { charon.requests(.canStart).count == 1 }
        try disk.fill()
        charon.release(.json(200, ["active": false]))
        guard case .skip(.off) = try await beginning.value else {
            Issue.record("not skipped")
            return
        }
        #expect(try RunDirectory.all(state: host.state).isEmpty)
    }

    @Test("A hand-in that does not fit leaves nothing, and succeeds when there is room")
    func handIn() async throws {
        let disk = try SmallDisk()
        let host = try Host(state: disk.path)
        let run = try request(at: .now())
        let elsewhere = try TemporaryDirectory()
        let record = RunDirectory(state: elsewhere.path, slug: run.slug, run: run.run)
        let local = try record.create(run)
        try local.started()
        for _ in 0..<20 { try local.write(String(repeating: "x", count: 4000)) }
        try local.ended(.exited(code: 7), stdout: 20)
        // Room for a part of the output only.
        let filler = try Descriptor.open(disk.path + "/filler", O_WRONLY | O_CREAT, mode: 0o600)
        try filler.write([UInt8](repeating: 1, count: 200 << 10))
        let parameters = try host.parameters(run)
        let failure = await host.daemon.handIn(
            parameters, peer: Peer(uid: 0), supervisor: local.supervisor, output: local.output)
        #expect(failure?.error?.hasSuffix("RecordFailed") == true)
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        disk.free()
        #expect(ftruncate(filler.number, 0) == 0)
        let success = await host.daemon.handIn(
            parameters, peer: Peer(uid: 0), supervisor: local.supervisor, output: local.output)
        #expect(success == nil)
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.first?.ends.first?.text.contains("20 lines on stdout") == true)
    }
}
