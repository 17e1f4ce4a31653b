import CharonCapture
import CharonCore
import CharonRuns
import Glibc
import Testing

/// A record that cannot be written loses lines, counted, and touches nothing else.
@Suite(.serialized) struct RecordFailureTests {
    @Test func aFullDiskLosesTheOutputOnly() throws {
        let full = try Descriptor.open("/dev/full", O_WRONLY | O_APPEND)
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 1000; printf err >&2; exit 21"], streams: Wrapped.Streams(log: full.number))
        #expect(try run.exitCode() == 21)
        let ended = try run.ended()
        #expect(ended.outcome == .exited(code: 21))
        #expect(ended.lostBytes == 3893 + 4)
        #expect(ended.stdoutLines == 1000 && ended.outputBytes == 0)
        #expect(try run.text("stdout").utf8.count == 3893)
    }

    @Test func aFileSizeLimitTearsAtMostTheLastEntry() throws {
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 3000 | tail -c +1; exit 22"], options: ["--quiet"], shell: "ulimit -f 4; exec \"$@\""
        )
        #expect(try run.exitCode() == 22)
        let log = try run.file("output.log")
        #expect(log.count == 4096)
        let whole = try #require(log.lastIndex(of: 0x0A))
        let entries = try log[..<whole].split(separator: 0x0A).map { try #require(LogLine(entry: $0)) }
        let torn = max(log.count - whole - 1 - LogLine.prefixLength, 0)
        #expect(try Int(run.ended().lostBytes) + entries.reduce(torn) { $0 + $1.text.count + 1 } >= 13_893)
        #expect(entries.map(\.text) == (1...entries.count).map { Array("\($0)".utf8) })
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func theOutcomeAndLaterLinesAreRecordedOnADiskThatWasFull() throws {
        let disk = try SmallDisk()
        let files = try disk.record()
        try disk.fill()
        let go = "/tmp/\(disk.name).go"
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 4000; until test -e \(go); do sleep 0.01; done; seq 10; exit 3"],
            streams: Wrapped.Streams(log: files.output.number, supervisor: files.supervisor.number))
        try eventually("the disk is too small") { try run.text("stdout").utf8.count == 18_893 }
        try disk.empty()
        _ = try Descriptor.open(go, O_WRONLY | O_CREAT, mode: 0o600)
        defer { unlink(go) }
        #expect(try run.exitCode() == 3)
        let output = try files.output.read(at: 0, limit: 1_000_000)
        #expect(output.last == 0x0A)
        let entries = try output.dropLast().split(separator: 0x0A).map { try #require(LogLine(entry: $0)) }
        #expect(entries.suffix(10).map(\.text) == (1...10).map { Array("\($0)".utf8) })
        let records = SupervisorRecord.read(try files.supervisor.read(at: 0, limit: 10_000))
        guard case .ended(let ended) = records.last else { throw Missing(what: "the outcome") }
        #expect(entries.reduce(Int(ended.lostBytes)) { $0 + $1.text.count + 1 } == 18_893 + 21)
        #expect(ended.lostBytes > 0)
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func theOutcomeHasItsPlaceOnAFullDisk() throws {
        let disk = try SmallDisk()
        let files = try disk.record()
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 40000; exit 3"], options: ["--quiet"],
            streams: Wrapped.Streams(log: files.output.number, supervisor: files.supervisor.number))
        #expect(try run.exitCode() == 3)
        let records = SupervisorRecord.read(try files.supervisor.read(at: 0, limit: 10_000))
        guard case .ended(let ended) = records.last else { throw Missing(what: "the outcome") }
        #expect(records.count == 2 && ended.lostBytes > 0 && ended.exitCode == 3)
    }

    /// A pipe takes a few pages and then nothing until it is read, as a disk does that is full for a while.
    @Test func aTornEntryIsCompletedBeforeTheNext() throws {
        let pipe = try Pipe()
        #expect(fcntl(pipe.writing, F_SETFL, O_NONBLOCK) == 0)
        let writer = try RecordWriter(descriptor: pipe.writing), recorder = LineRecorder(.stderr)
        var random = Seeded(state: 7)
        var texts: [[UInt8]] = [], seen: [UInt8] = []
        for _ in 0..<400 {
            let letter = UInt8.random(in: 0x41...0x5A, using: &random)
            let text = [UInt8](repeating: letter, count: .random(in: 0...20_000, using: &random))
            texts.append(text)
            (text + [0x0A]).withUnsafeBytes { recorder.record($0, at: Instant(seconds: 1), into: writer) }
            writer.flush()
            guard Int.random(in: 0..<8, using: &random) == 0 else { continue }
            seen += pipe.read(.random(in: 1...65_536, using: &random))
        }
        let written = Int(writer.fileSize)
        while seen.count < written { seen += pipe.read() }
        // Now there is room for a torn rest.
        writer.flush()
        while seen.count < Int(writer.fileSize) { seen += pipe.read() }
        #expect(seen.last == 0x0A)
        let entries = try seen.dropLast().split(separator: 0x0A).map { try #require(LogLine(entry: $0)) }
        let kept = entries.reduce(0) { $0 + $1.text.count + ($1.isPartial ? 0 : 1) }
        #expect(kept + Int(writer.lostBytes) == texts.reduce(0) { $0 + $1.count + 1 })
        #expect(writer.lostBytes > 0 && entries.count > 100)
        for entry in entries { #expect(Set(entry.text).count <= 1) }
    }
}
