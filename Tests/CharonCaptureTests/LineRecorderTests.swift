import CharonCapture
import CharonCore
import CharonRuns
import Glibc
import Testing

/// A line recorder whose entries can be read back.
struct RecordedLines {
    let recorder: LineRecorder
    let writer: RecordWriter
    private let file: Descriptor

    init(_ stream: LogLine.Stream = .stdout) throws {
        let path = "/dev/shm/charon-lines-\(UInt64.random(in: 0 ... .max))"
        file = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, mode: 0o600)
        unlink(path)
        recorder = LineRecorder(stream)
        writer = try RecordWriter(descriptor: file.number)
    }

    func record(_ bytes: some Collection<UInt8>, at seconds: Int64 = 0) {
        Array(bytes).withUnsafeBytes { recorder.record($0, at: Instant(seconds: seconds), into: writer) }
    }

    /// Every entry of the file; each line of it must be one.
    func entries() throws -> [LogLine] {
        writer.flush()
        let bytes = try file.read(at: 0, limit: Int(try file.size))
        #expect(writer.fileSize == Int64(bytes.count))
        guard !bytes.isEmpty else { return [] }
        #expect(bytes.last == 0x0A)
        return try bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).map {
            try #require(LogLine(entry: $0))
        }
    }
}

/// What the entries of whole lines must be, written as plainly as can be.
func reference(_ bytes: [UInt8]) -> [(isPartial: Bool, text: [UInt8])] {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.flatMap { line -> [(isPartial: Bool, text: [UInt8])] in
        var parts: [(isPartial: Bool, text: [UInt8])] = []
        var rest = line
        while rest.count > LogLine.longestText {
            var size = LogLine.longestText
            // A character of UTF-8 stays whole.
            while rest[rest.startIndex + size] & 0xC0 == 0x80, size > LogLine.longestText - 4 { size -= 1 }
            if size == LogLine.longestText - 4 { size = LogLine.longestText }
            parts.append((true, Array(rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return parts + [(false, Array(rest))]
    }
}

private func expectSame(_ entries: [LogLine], _ expected: [(isPartial: Bool, text: [UInt8])]) {
    #expect(entries.map(\.text) == expected.map(\.text))
    #expect(entries.map(\.isPartial) == expected.map(\.isPartial))
}

@Suite struct LineRecorderTests {
    /// However the reads fall, no part of a long line begins within a character.
    @Test(arguments: ["\u{E9}", "\u{20AC}", "\u{1F600}"], [0, 1, 2, 3])
    func aLongLineIsCutBetweenCharacters(_ character: String, offset: Int) throws {
        let bytes = Array(
            (String(repeating: "a", count: offset) + String(repeating: character, count: 20_000) + "\n").utf8)
        for size in [bytes.count, LogLine.longestText, LogLine.longestText + 1, 4093] {
            let lines = try RecordedLines()
            for start in stride(from: 0, to: bytes.count, by: size) {
                lines.record(bytes[start..<min(start + size, bytes.count)])
            }
            lines.recorder.finish(into: lines.writer)
            let entries = try lines.entries()
            expectSame(entries, reference(bytes))
            #expect(entries.count > 2)
            for entry in entries { #expect(String(validating: entry.text, as: UTF8.self) != nil) }
        }
    }

    private static let sample = Array("first\n\nthird\r\n50%\r99%\r\n\u{0}nul\n".utf8) + [0xFF, 0xC3, 0x0A, 0x61]

    @Test(arguments: 0...sample.count) func everySplitGivesTheSameEntries(point: Int) throws {
        let lines = try RecordedLines()
        lines.record(Self.sample[..<point])
        lines.record(Self.sample[point...])
        lines.recorder.finish(into: lines.writer)
        expectSame(try lines.entries(), reference(Self.sample))
        #expect(lines.recorder.lines == 7)
    }

    @Test func byteForByte() throws {
        let lines = try RecordedLines(.stderr)
        for byte in Self.sample { lines.record([byte]) }
        lines.recorder.finish(into: lines.writer)
        expectSame(try lines.entries(), reference(Self.sample))
        #expect(try lines.entries().allSatisfy { $0.stream == .stderr })
    }

    @Test(arguments: [16_383, 16_384, 16_385, 32_768, 32_769, 200_000], [1, 1000, 16_384, 65_536])
    func longLinesAreCut(length: Int, chunk: Int) throws {
        let bytes = (0..<length).map { UInt8(0x61 + $0 % 26) } + [0x0A, 0x62, 0x0A]
        let lines = try RecordedLines()
        guard chunk > 1 || length < 40_000 else { return }
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            lines.record(bytes[start..<min(start + chunk, bytes.count)])
        }
        expectSame(try lines.entries(), reference(bytes))
        #expect(lines.recorder.lines == 2)
    }

    @Test func randomChunksOfRandomLines() throws {
        var random = Seeded(state: 20_260_131)
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<40, using: &random) {
                let longest = Int.random(in: 0..<10, using: &random) == 0 ? 40_000 : 80
                let length = Int.random(in: 0..<longest, using: &random)
                bytes += (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                if Bool.random(using: &random) { bytes.append(0x0A) }
            }
            let lines = try RecordedLines()
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...(Bool.random(using: &random) ? 100 : 65_536), using: &random)
                lines.record(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            lines.recorder.finish(into: lines.writer)
            expectSame(try lines.entries(), reference(bytes))
        }
    }

    @Test func aFlushedPartGoesOnInTheNextEntry() throws {
        let lines = try RecordedLines()
        lines.record("a prompt: ".utf8)
        #expect(lines.recorder.hasPartial)
        lines.recorder.flushPartial(into: lines.writer)
        #expect(!lines.recorder.hasPartial)
        lines.recorder.flushPartial(into: lines.writer)
        lines.record("answer\nnext\n".utf8)
        expectSame(
            try lines.entries(),
            [(true, Array("a prompt: ".utf8)), (false, Array("answer".utf8)), (false, Array("next".utf8))])
        #expect(lines.recorder.lines == 2)
    }

    @Test(arguments: ["\n", ""]) func aFlushedLineEndsWithAnEmptyEntry(rest: String) throws {
        let lines = try RecordedLines()
        lines.record("all".utf8)
        lines.recorder.flushPartial(into: lines.writer)
        #expect(lines.recorder.lines == 1)
        lines.record(rest.utf8)
        lines.recorder.finish(into: lines.writer)
        expectSame(try lines.entries(), [(true, Array("all".utf8)), (false, [])])
        #expect(lines.recorder.lines == 1)
    }

    @Test func nothingGivesNothing() throws {
        let lines = try RecordedLines()
        lines.recorder.finish(into: lines.writer)
        #expect(try lines.entries().isEmpty)
        #expect(lines.recorder.lines == 0)
    }

    @Test func theTimeIsThatOfTheReadThatCompletedTheEntry() throws {
        let lines = try RecordedLines()
        lines.record("one\ntw".utf8, at: 1_000_000_000)
        lines.record("o\n".utf8, at: 2_000_000_000)
        lines.record("three\n".utf8, at: -1)
        #expect(try lines.entries().map(\.at) == [1_000_000_000, 2_000_000_000, -1].map { Instant(seconds: $0) })
    }

    @Test(arguments: [0, 1, 999_999_999, 1_000_000_000, 1_769_832_306_000_000_007, -1, -1_000_000_001] as [Int64])
    func everyTimeReadsBack(nanoseconds: Int64) throws {
        let lines = try RecordedLines()
        for time in [Instant(nanoseconds: nanoseconds), Instant(nanoseconds: nanoseconds + 1)] {
            [UInt8(0x0A)].withUnsafeBytes { lines.recorder.record($0, at: time, into: lines.writer) }
        }
        #expect(try lines.entries().map(\.at.nanoseconds) == [nanoseconds, nanoseconds + 1])
    }

    @Test func moreThanTheMemoryHolds() throws {
        let bytes = [UInt8](repeating: 0x0A, count: 60_000)
        let lines = try RecordedLines()
        lines.record(bytes)
        #expect(try lines.entries().count == 60_000)
        #expect(lines.recorder.lines == 60_000)
    }
}

/// SplitMix64: the same numbers in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
