import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite struct OutputReaderTests {
    private let output: WrittenOutput

    init() throws { output = try WrittenOutput() }

    @Test func givesEntriesWithTheirEnds() throws {
        #expect(try OutputReader(output.directory).entries(from: 0).isEmpty)
        try output.write("one")
        try output.write([0xFF, 0x00, 0x0D], .stderr)
        try output.file.write("2026-01-31T04:05:06.000000000Z stdout F torn".utf8)
        let reader = try OutputReader(output.directory)
        let entries = try reader.entries(from: 0)
        #expect(entries.map(\.line.text) == [Array("one".utf8), [0xFF, 0x00, 0x0D]])
        #expect(entries.map(\.line.stream) == [.stdout, .stderr])
        #expect(entries.map(\.end) == [44, 88])
        #expect(try reader.entries(from: 44) == Array(entries.dropFirst()))
        #expect(try reader.entries(from: 88).isEmpty, "a line without its newline is not complete")
        #expect(try reader.entries(from: 10_000).isEmpty)
        #expect(try reader.entries(from: 0, to: 44).map(\.end) == [44])
        #expect(try reader.entries(from: 0, to: 43).isEmpty)
        #expect(try reader.entries(from: 44, to: 0).isEmpty)
        try output.file.write("\n".utf8)
        #expect(try reader.entries(from: 88).map(\.line.text) == [Array("torn".utf8)])
    }

    @Test(arguments: [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (Int.max, 3)])
    func endsWithTheEntryThatHasEnoughText(text: Int, count: Int) throws {
        for line in ["one", "two", "three"] { try output.write(line) }
        #expect(try OutputReader(output.directory).entries(from: 0, text: text).count == count)
    }

    /// However small the limit, the longest part is found, and reading on from each end gives every line once.
    @Test func readsPartsOf16KiB() throws {
        let part = [UInt8](repeating: 0x78, count: LogLine.longestText)
        for _ in 0..<20 { try output.write(part, isPartial: true) }
        try output.write("end")
        let reader = try OutputReader(output.directory)
        for limit in [0, 1, 100, 16_424, 65_536, 1_000_000] {
            var offset: Int64 = 0
            var found: [OutputReader.Entry] = []
            while let last = try reader.entries(from: offset, limit: limit).last {
                found += try reader.entries(from: offset, limit: limit)
                offset = last.end
            }
            #expect(found.count == 21, "limit \(limit)")
            #expect(found.prefix(20).allSatisfy { $0.line.isPartial && $0.line.text == part })
            #expect(try offset == reader.size)
        }
    }

    @Test func passesOverWhatIsNoEntry() throws {
        try output.write("before")
        try output.file.write("\n\nnoise\n".utf8)
        try output.file.write([0xFF, 0x00, 0x0A])
        try output.write("between")
        try output.file.write([UInt8](repeating: 0, count: 300_000) + [0x0A])
        try output.write("after")
        let reader = try OutputReader(output.directory)
        let first = try reader.entries(from: 0)
        #expect(first.map(\.line.text) == [Array("before".utf8), Array("between".utf8)])
        let rest = try reader.entries(from: try #require(first.last).end)
        #expect(rest.map(\.line.text) == [Array("after".utf8)])
        #expect(try rest.last?.end == reader.size)
    }

    @Test func aHugeHoleCostsABoundedTime() throws {
        try output.write("before")
        try #require(ftruncate(output.file.number, 1 << 40) == 0)
        let reader = try OutputReader(output.directory)
        #expect(try reader.entries(from: 0).count == 1)
        #expect(try reader.entries(from: 47).isEmpty)
        #expect(try reader.tail(.stderr, before: 1 << 40, count: 5).isEmpty)
    }

    @Test func aBoundaryIsWhereAnEntryBegins() throws {
        #expect(try OutputReader(output.directory).boundary(from: 0) == 0)
        #expect(try OutputReader(output.directory).boundary(from: 9) == 0, "the end of an empty file")
        try output.write("one")
        try output.write("three")
        let part = [UInt8](repeating: 0x78, count: LogLine.longestText)
        try output.write(part, isPartial: true)
        try output.write("end")
        let reader = try OutputReader(output.directory)
        let ends = try reader.entries(from: 0).map(\.end)
        let size = try reader.size
        for (offset, boundary) in [
            (0, 0), (1, ends[0]), (ends[0] - 1, ends[0]), (ends[0], ends[0]), (ends[0] + 1, ends[1]),
            (ends[1], ends[1]), (ends[1] + 1, ends[2]), (ends[2] - 1, ends[2]), (ends[3] - 1, size), (size, size),
            (size + 5, size),
        ] { #expect(try reader.boundary(from: offset) == boundary, "\(offset)") }
    }

    @Test func withoutANewlineABoundaryCostsABoundedTime() throws {
        try #require(ftruncate(output.file.number, 1 << 40) == 0)
        #expect(try OutputReader(output.directory).boundary(from: 100) == 100)
    }

    @Test func tailGivesTheLastLinesOfAStream() throws {
        for number in 0..<100 { try output.write("out \(number)") }
        try output.write("one", .stderr)
        try output.write("half ", .stderr, isPartial: true)
        try output.write("between")
        try output.write("line", .stderr)
        try output.write("unfinished", .stderr, isPartial: true)
        let reader = try OutputReader(output.directory)
        let end = try reader.size
        func tail(_ count: Int, bytes: Int = 65_536, before: Int64? = nil) throws -> [String] {
            try reader.tail(.stderr, before: before ?? end, count: count, bytes: bytes)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try tail(5) == ["one", "half line", "unfinished"])
        #expect(try tail(2) == ["half line", "unfinished"])
        #expect(try tail(0) == [])
        #expect(try tail(5, before: end - 51) == ["one", "half line"])
        #expect(try tail(5, before: 0) == [])
        // A window that begins within a line leaves this line out.
        #expect(try tail(5, bytes: 96) == ["unfinished"])
        #expect(try tail(5, bytes: 10) == [])
    }
}
