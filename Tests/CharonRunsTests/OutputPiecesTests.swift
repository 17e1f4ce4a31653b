import CharonCore
import CharonRuns
import Testing

@Suite struct OutputPiecesTests {
    /// All pieces, each read led by the offset of the one before, and where the last one ended.
    private func all(_ output: WrittenOutput) throws -> (pieces: [OutputReader.Piece], end: Int64) {
        let reader = try OutputReader(output.directory)
        var (pieces, offset): ([OutputReader.Piece], Int64) = ([], 0)
        while true {
            let (more, next) = try reader.pieces(from: offset)
            pieces += more
            guard next > offset else { return (pieces, offset) }
            offset = next
        }
    }

    private func texts(_ pieces: [OutputReader.Piece]) -> [String?] {
        pieces.map {
            if case .entry(let entry, _) = $0 { String(decoding: entry.line.text, as: UTF8.self) } else { nil }
        }
    }

    @Test func entriesAreReadUpToTheLastCompleteOne() throws {
        let output = try WrittenOutput()
        try output.write("one")
        try output.write("two", .stderr)
        let size = try output.file.size
        try output.file.write("2026-01-01T00:00:00.000000000Z stdout F to".utf8)
        let found = try all(output)
        #expect(texts(found.pieces) == ["one", "two"] && found.end == size)
        if case .entry(let entry, let from)? = found.pieces.last {
            #expect(from == size - 44 && entry.end == size && entry.line.stream == .stderr)
        }
    }

    @Test func textThatIsNoRecordIsPassedOver() throws {
        let output = try WrittenOutput()
        try output.write("one")
        try output.file.write([UInt8](repeating: 0x78, count: 400_000) + [0x0A])
        try output.write("two")
        let found = try all(output)
        #expect(texts(found.pieces) == ["one", "two"])
        #expect(found.end == (try output.file.size))
    }

    /// Zeros that somebody wrote, more than are looked through at once, are as a hole.
    @Test func zerosAreSomethingDropped() throws {
        let output = try WrittenOutput()
        try output.write("one")
        let from = try output.file.size
        for _ in 0..<5 { try output.file.write([UInt8](repeating: 0, count: 1 << 20)) }
        let to = try output.file.size
        try output.write("two")
        let found = try all(output)
        #expect(texts(found.pieces).compactMap(\.self) == ["one", "two"])
        var place = from
        for case .dropped(let bytes) in found.pieces {
            #expect(bytes.from == place && bytes.to > place)
            place = bytes.to
        }
        #expect(place == to)
        #expect(found.end == (try output.file.size))
    }

    @Test func aFileOfZerosEnds() throws {
        let output = try WrittenOutput()
        try output.file.write([UInt8](repeating: 0, count: 200_000))
        let found = try all(output)
        #expect(found.pieces.first == .dropped(.init(from: 0, to: 200_000)) && found.end == 200_000)
        try output.directory.dropOutput([.init(from: 0, to: 200_000)])
        #expect(try all(output).pieces == [.dropped(.init(from: 0, to: 200_000))])
    }
}
