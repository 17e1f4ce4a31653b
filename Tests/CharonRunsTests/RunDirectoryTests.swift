import CLinux
import CharonCore
import CharonRuns
import Foundation
import Testing

@Suite struct RunDirectoryTests {
    private let temporary: TemporaryDirectory
    private let directory: RunDirectory
    private let request: RunRequest

    init() throws {
        temporary = try TemporaryDirectory()
        request = try RecordTests.request()
        directory = RunDirectory(state: temporary.path + "/state/deep", slug: request.slug, run: request.run)
    }

    @Test func isMadeForItsOwnerOnly() throws {
        let handles = try directory.create(request)
        #expect(directory.path == "\(temporary.path)/state/deep/runs/slug/\(request.run)")
        #expect(try directory.request() == request)
        for (path, mode) in [
            (directory.path, 0o40_700), (directory.supervisorPath, 0o100_600), (directory.outputPath, 0o100_600),
            ("\(directory.path)/run.json", 0o100_600), ("\(temporary.path)/state", 0o40_700),
        ] {
            var status = stat()
            #expect(stat(path, &status) == 0, "\(path)")
            #expect(Int(status.st_mode) == mode, "\(path)")
        }
        #expect(try RecordFile.names(in: directory.path) == ["output.log", "run.json", "supervisor"])
        for handle in [handles.supervisor, handles.output] {
            #expect(fcntl(handle.number, F_GETFL) & (O_APPEND | O_ACCMODE) == O_APPEND | O_RDWR)
        }
        #expect(try directory.delivery() == nil)
        #expect(try directory.exit() == nil)
        #expect(try directory.supervisorRecords().isEmpty)
        #expect(try RunDirectory.all(state: "\(temporary.path)/state/deep") == [directory])
    }

    @Test func isMadeOnce() throws {
        let handles = try directory.create(request)
        #expect(throws: SystemError("mkdir", errno: EEXIST, directory.path)) { try directory.create(request) }
        #expect(try directory.request() == request, "the second attempt must not harm the first")
        withExtendedLifetime(handles) {}
    }

    @Test func leavesNothingBehindIfItCannotBeMade() throws {
        let blocked = "\(temporary.path)/state/deep/runs"
        try RecordFile.makeDirectory("\(temporary.path)/state/deep")
        try Data().write(to: URL(fileURLWithPath: blocked))
        #expect(throws: SystemError.self) { try directory.create(request) }
        #expect(try RecordFile.names(in: "\(temporary.path)/state/deep") == ["runs"])
    }

    @Test func theLockIsFreeWhenAllItsCopiesAreClosed() throws {
        #expect(try !directory.isSupervised(), "a run that does not exist has no supervisor")
        var handles: RunDirectory.Handles? = try directory.create(request)
        #expect(try directory.isSupervised())
        #expect(try directory.isSupervised(), "to look must not take or break the lock")
        let copy = Descriptor(owning: fcntl(try #require(handles?.supervisor.number), F_DUPFD_CLOEXEC, 3))
        handles = nil
        #expect(try directory.isSupervised())
        #expect(try lockFromOutside() == EAGAIN)
        withExtendedLifetime(copy) {}
    }

    @Test func theLockIsFreeAfterTheLastClose() throws {
        do {
            let handles = try directory.create(request)
            #expect(try directory.isSupervised())
            withExtendedLifetime(handles) {}
        }
        #expect(try !directory.isSupervised())
        #expect(try lockFromOutside() == 0)
    }

    /// A lock passed over a socket holds while it is under way, with the receiver, and not a moment longer.
    @Test func theLockTravels() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (sender, receiver) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
        do {
            let handles = try directory.create(request)
            let numbers = [handles.supervisor.number, handles.output.number]
            #expect(clinux_send(sender.number, "x", 1, numbers, 2) == 1)
        }
        #expect(try directory.isSupervised(), "under way")
        do {
            var numbers = [Int32](repeating: -1, count: 8)
            var count = 0
            var byte: UInt8 = 0
            #expect(clinux_receive(receiver.number, &byte, 1, &numbers, &count) == 1)
            #expect(count == 2)
            let received = numbers.prefix(count).map { Descriptor(owning: $0) }
            #expect(try directory.isSupervised(), "with the receiver")
            try received.first?.write(SupervisorRecord.started(RecordTests.started).line)
            try received.last?.write([0x78])
        }
        #expect(try !directory.isSupervised())
        #expect(try directory.supervisorRecords() == [.started(RecordTests.started)])
        #expect(try RecordFile.read(directory.outputPath) == [0x78])
    }

    /// A supervisor that is killed says nothing, and its lock says it all.
    @Test func theLockIsFreeWhenAProcessIsKilled() throws {
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/bin/sleep")
        holder.arguments = ["600"]
        do {
            let handles = try directory.create(request)
            // Foundation passes on no descriptor but the standard ones.
            holder.standardInput = FileHandle(fileDescriptor: handles.supervisor.number, closeOnDealloc: false)
            try holder.run()
            holder.standardInput = nil
        }
        #expect(try directory.isSupervised())
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        #expect(try !directory.isSupervised())
    }

    @Test func recordsAreReplaced() throws {
        _ = try directory.create(request)
        var delivery = DeliveryRecord()
        for durability in [RecordFile.Durability.process, .disk] {
            delivery.messages += 1
            try directory.write(delivery, durability: durability)
            #expect(try directory.delivery() == delivery)
        }
        let ended = SupervisorRecord.Ended(at: RecordTests.at, outcome: .exited(code: 0), exitCode: 0)
        try directory.write(ended, durability: .disk)
        #expect(try directory.exit() == ended)
        #expect(
            try RecordFile.names(in: directory.path)
                == ["delivery.json", "exit.json", "output.log", "run.json", "supervisor"])
    }

    @Test func aRecordOfALaterReleaseIsNotRead() throws {
        _ = try directory.create(request)
        let later = { (json: JSON) in json.with("v", 2).bytes }
        let ended = SupervisorRecord.Ended(at: RecordTests.at, outcome: .exited(code: 0), exitCode: 0)
        for (name, bytes) in [
            ("run.json", later(request.json)), ("delivery.json", later(DeliveryRecord().json)),
            ("exit.json", later(ended.json)), ("supervisor", later(ended.json) + [0x0A]),
        ] {
            try RecordFile.replace("\(directory.path)/\(name)", with: bytes, durability: .process)
        }
        #expect(try directory.request() == nil)
        #expect(try directory.delivery() == nil)
        #expect(try directory.exit() == nil)
        #expect(try directory.supervisorRecords().isEmpty)
    }

    @Test func isRemovedWhole() throws {
        _ = try directory.create(request)
        try directory.write(DeliveryRecord(), durability: .process)
        directory.remove()
        #expect(access(directory.path, F_OK) != 0)
        #expect(try RunDirectory.all(state: "\(temporary.path)/state/deep").isEmpty)
        directory.remove()
    }

    @Test func allPassesOverForeignNames() throws {
        let state = "\(temporary.path)/state/deep"
        var expected: [RunDirectory] = []
        for slug in ["b", "a"].compactMap(Slug.init) {
            for seconds in [20, 10, 30] as [Int64] {
                var other = request
                other.slug = slug
                other.run = RunID(at: Instant(seconds: seconds), random: 0)
                expected.append(RunDirectory(state: state, slug: slug, run: other.run))
                _ = try expected.last?.create(other)
            }
        }
        for name in [".hidden", "a/not-a-run", "b/.20260131T040506789-0123456789ab"] {
            try RecordFile.makeDirectory("\(state)/runs/\(name)")
        }
        #expect(try RunDirectory.all(state: state) == expected.sorted { $0.path < $1.path })
        #expect(try RunDirectory.all(state: "\(temporary.path)/none").isEmpty)
    }

    /// What a lock attempt of another process, or another description, gets.
    private func lockFromOutside() throws -> Int32 {
        let other = try Descriptor.open(directory.supervisorPath, O_RDWR)
        return withExtendedLifetime(other) { clinux_lock(other.number) }
    }

    /// What ext4 leaves of files that were written, and not synced, before the power went.
    @Test(arguments: [[], ["run.json"], ["run.json", "delivery.json"], ["supervisor", "output.log", "run.json"]])
    func aPowerCutsEmptyFilesAreMadeAgain(left: [String]) throws {
        if !left.isEmpty { try RecordFile.makeDirectory(directory.path) }
        for name in left { try Data().write(to: URL(fileURLWithPath: "\(directory.path)/\(name)")) }
        #expect(directory.isReadable)
        #expect(try directory.restore(request))
        #expect(try directory.request() == request)
        #expect(try directory.delivery() == nil)
        #expect(try directory.reopen().supervisor.size == 0)
        #expect(try OutputReader(directory).size == 0)
    }

    @Test func whatIsThereStaysWhenARunIsRestored() throws {
        do { try directory.create(request).output.write("text".utf8) }
        var other = request
        other.argv = ["shortened"]
        #expect(try directory.restore(other))
        #expect(try directory.request() == request)
        #expect(try OutputReader(directory).size == 4)
        // A later release's.
        try RecordFile.replace(directory.path + "/run.json", with: Array("{\"v\":2}\n".utf8), durability: .process)
        #expect(try !directory.restore(request))
        #expect(try RecordFile.read(directory.path + "/run.json") == Array("{\"v\":2}\n".utf8))
    }
}
