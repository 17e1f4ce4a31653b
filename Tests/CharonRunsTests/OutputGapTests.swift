import CharonCore
import CharonRuns
import Glibc
import Testing

/// What of an `output.log` is dropped, and what is read of it afterwards.
@Suite struct OutputGapTests {
    private let output: WrittenOutput
    private let reader: OutputReader
    private var directory: RunDirectory { output.directory }

    init() throws {
        output = try WrittenOutput()
        reader = try OutputReader(output.directory)
    }

    /// Numbered lines of about a kilobyte.
    private func write(_ numbers: Range<Int>) throws {
        let filler = String(repeating: "x", count: 1000)
        for number in numbers { try output.write("\(number) \(filler)") }
    }

    private func gap(
        from: Int64 = 0, keeping: Int64, around: DeliveryRecord.Dropped.Gap? = nil, least: Int64 = 4096
    ) throws -> DeliveryRecord.Dropped.Gap? {
        try reader.gap(in: .init(from: from, to: try reader.size), keeping: keeping, around: around, least: least)
    }

    /// The first words of the lines that are left, as a reader gives them that jumps over nothing.
    private func words() throws -> [String] {
        var (offset, words) = (Int64(0), [String]())
        while true {
            let entries = try reader.entries(from: offset, limit: 1 << 20)
            guard let last = entries.last else { return words }
            words += entries.filter { !$0.line.isPartial }
                .map { String(decoding: $0.line.text.prefix { $0 != 0x20 }, as: UTF8.self) }
            offset = last.end
        }
    }

    @Test func theMiddleGoesInWholeLinesAndTheBlocksComeBack() throws {
        try write(0..<800)
        let size = try reader.size
        let before = directory.outputUse
        let gap = try #require(try gap(keeping: 200 << 10))
        let length = gap.bytes.to - gap.bytes.from
        #expect(size - length <= 200 << 10 && size - length > 190 << 10)
        try #require(try directory.canDropOutput())
        try directory.dropOutput([gap.bytes])
        #expect(try reader.size == size)
        #expect(directory.outputUse <= before - length + 8192)
        let left = try words().compactMap(Int.init)
        let last = try #require(left.firstIndex { $0 >= 400 })
        #expect(left == Array(0..<last) + Array(800 - (left.count - last)..<800))
        #expect(Int64(left.count) + gap.lines == 800)
        // The writer goes on where it was.
        try write(800..<801)
        #expect(try words().last == "800")
    }

    @Test func aGapGrowsAtBothEndsAndCountsEachLineOnce() throws {
        try write(0..<1000)
        let first = try #require(try gap(keeping: 400 << 10))
        try directory.dropOutput([first.bytes])
        #expect(try gap(keeping: 400 << 10, around: first) == nil, "nothing has come")
        try write(1000..<1500)
        let second = try #require(try gap(keeping: 200 << 10, around: first))
        #expect(second.bytes.from < first.bytes.from && first.bytes.to < second.bytes.to)
        try directory.dropOutput([second.bytes])
        #expect(Int64(try words().count) + second.lines == 1500)
        // More may stay than before: what is gone stays gone.
        let third = try #require(try gap(keeping: 300 << 10, around: second, least: -1 << 40))
        #expect(third == second)
    }

    @Test func aLineOfSeveralPartsStaysWholeWhereItEndsNearTheBound() throws {
        let part = String(repeating: "y", count: LogLine.longestText)
        for number in 0..<100 {
            for _ in 0..<2 { try output.write(part, isPartial: true) }
            try output.write("\(number)", .stderr)
            try output.write("end-\(number)")
        }
        let gap = try #require(try gap(keeping: 1 << 20))
        try directory.dropOutput([gap.bytes])
        let words = try words()
        #expect(Int64(words.count) + gap.lines == 200)
        // A line of stderr stands within each of stdout, so only behind the latter no line is open.
        #expect(words.count % 2 == 0)
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            #expect(words[index + 1] == "end-\(words[index])")
        }
    }

    @Test func aLineWithoutAnEndIsCutBetweenItsParts() throws {
        let part = String(repeating: "z", count: LogLine.longestText)
        for _ in 0..<200 { try output.write(part, isPartial: true) }
        try output.write("end")
        let gap = try #require(try gap(keeping: 200 << 10))
        #expect(gap.lines == 0)
        try directory.dropOutput([gap.bytes])
        let entries =
            try reader.entries(from: 0, to: gap.bytes.from, limit: 1 << 20)
            + reader.entries(from: gap.bytes.to, limit: 1 << 20)
        #expect(entries.dropLast().allSatisfy { $0.line.text.count == LogLine.longestText })
        #expect(try words() == ["end"])
    }

    @Test func whatIsWorthNothingIsLeft() throws {
        #expect(try gap(keeping: 0) == nil)
        try write(0..<100)
        #expect(try gap(keeping: 100 << 10) == nil)
        #expect(try gap(keeping: 1 << 40) == nil)
        #expect(try gap(from: 90 << 10, keeping: 8 << 10) == nil)
        #expect(try gap(keeping: 50 << 10)?.bytes.from ?? 0 > 0)
    }

    /// Text that is no record has no ends of entries; a gap needs two.
    @Test func textThatIsNoRecordIsNotCut() throws {
        try output.file.write([UInt8](repeating: 0x61, count: 1 << 20))
        #expect(try gap(keeping: 100 << 10) == nil)
    }

    @Test func theLastLinesAreFoundBehindAGap() throws {
        try write(0..<200)
        for number in 0..<3 { try output.write("error \(number)", .stderr) }
        let gap = try #require(try gap(keeping: 20 << 10))
        try directory.dropOutput([gap.bytes])
        let tail = try reader.tail(.stderr, before: reader.size, count: 5).map { String(decoding: $0, as: UTF8.self) }
        #expect(tail == ["error 0", "error 1", "error 2"])
    }

    @Test func whatARunTakesOfTheDiskIsMeasured() throws {
        let empty = directory.use
        #expect(empty.files == 4)
        try write(0..<1000)
        let use = directory.use
        #expect(use.files == 4)
        #expect(use.bytes - empty.bytes >= 1000 << 10)
        #expect(DiskUse(of: output.place).files == use.files + 3)
        symlink("/", output.place + "/link")
        #expect(DiskUse(of: output.place).files == use.files + 4, "what a link names is not ours")
        directory.removeOutput()
        #expect(directory.use.files == 3)
        #expect(DiskUse(of: output.place + "/none") == DiskUse())
    }
}
