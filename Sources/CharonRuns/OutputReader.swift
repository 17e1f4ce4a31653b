package import CharonCore
import Glibc

/// Reads `output.log` from an offset on, entry by entry.
package struct OutputReader: Sendable {
    /// An entry and the offset of the byte behind its newline.
    package struct Entry: Hashable, Sendable {
        package let line: LogLine
        package let end: Int64
    }

    let file: Descriptor

    package init(_ run: RunDirectory) throws(SystemError) {
        file = try Descriptor.open(run.outputPath, O_RDONLY | O_NOFOLLOW)
    }

    package var size: Int64 { get throws(SystemError) { try file.size } }

    /// At most `limit` bytes from `offset`.
    func read(at offset: Int64, limit: Int) throws(SystemError) -> [UInt8] { try file.read(at: offset, limit: limit) }

    /// The complete entries from `offset` on, out of at most `limit` bytes but at least one if there is one.
    ///
    /// None behind that with which their texts have `text` bytes.
    /// Text that is no entry is passed over up to the next newline, some megabytes of it at most: a record is read as
    /// far as it goes.
    package func entries(from offset: Int64, to end: Int64 = .max, limit: Int = 65_536, text: Int = .max)
        throws(SystemError) -> [Entry]
    {
        let window = Swift.max(limit, LogLine.prefixLength + LogLine.longestText + 1)
        var offset = offset
        for _ in 0..<Self.mostWindows {
            let count = Swift.min(Int64(window), Swift.max(end - offset, 0))
            let bytes = try file.read(at: offset, limit: Int(count))
            let entries = Self.entries(in: bytes, at: offset, text: text)
            if !entries.isEmpty || bytes.count < window { return entries }
            offset += Int64(bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count)
        }
        return []
    }

    /// How often a window without any entry is followed by another, so that a broken record costs a bounded time.
    private static let mostWindows = 64

    private static func entries(in bytes: [UInt8], at offset: Int64, text: Int) -> [Entry] {
        var entries: [Entry] = []
        var (start, found) = (0, 0)
        while found < text, start < bytes.count, let newline = bytes[start...].firstIndex(of: 0x0A) {
            // What was dropped before an entry reads as zeros.
            while bytes[start] == 0 { start += 1 }
            if let line = LogLine(entry: bytes[start..<newline]) {
                entries.append(Entry(line: line, end: offset + Int64(newline) + 1))
                found += line.text.count
            }
            start = newline + 1
        }
        return entries
    }

    /// The offset of the first entry that begins at or after `offset`, the end of the file if there is none.
    ///
    /// A newline is looked for within the length of the longest entry; without one, what follows is no record and
    /// `offset` is as good as any.
    package func boundary(from offset: Int64) throws(SystemError) -> Int64 {
        guard offset > 0 else { return 0 }
        let size = try size
        guard offset < size else { return size }
        // The byte before: an entry that begins exactly here follows its newline.
        let window = try file.read(at: offset - 1, limit: LogLine.prefixLength + LogLine.longestText + 2)
        return window.firstIndex(of: 0x0A).map { offset + Int64($0) } ?? offset
    }

    /// The texts of the last lines of a stream before `end`, at most `count` of them and at most `bytes` bytes back.
    package func tail(_ stream: LogLine.Stream, before end: Int64, count: Int, bytes: Int = 65_536) throws(SystemError)
        -> [[UInt8]]
    {
        var begin = Swift.max(0, end - Int64(bytes))
        if begin > 0 {
            let window = try file.read(at: begin, limit: Int(end - begin))
            guard let newline = window.firstIndex(of: 0x0A) else { return [] }
            begin += Int64(newline) + 1
        }
        let lines = try entries(from: begin, to: end, limit: bytes).map(\.line).filter { $0.stream == stream }
        var texts: [[UInt8]] = []
        var partial: [UInt8] = []
        for line in lines {
            partial += line.text
            guard !line.isPartial else { continue }
            texts.append(partial)
            partial = []
        }
        if !partial.isEmpty { texts.append(partial) }
        return texts.suffix(count)
    }
}
