package import CharonCore
import Glibc

extension OutputReader {
    private static let countedWindow: Int64 = 1 << 20

    /// The lines that end in the complete entries from `offset` on, up to `end`.
    ///
    /// `room` is how many bytes may be read, less what this took; nil if they are too few.
    package func lines(from offset: Int64, to end: Int64, room: inout Int64) throws(SystemError) -> Int64? {
        var (offset, lines) = (offset, Int64(0))
        while offset < end {
            guard room > 0 else { return nil }
            let bytes = try read(at: offset, limit: Int(min(Self.countedWindow, end - offset)))
            guard let last = bytes.lastIndex(of: 0x0A) else { break }
            lines += Self.count(bytes, through: last)
            offset += Int64(last) + 1
            room -= Int64(bytes.count)
        }
        return lines
    }

    /// The entries that end a line: an entry's tag stands before its text, at the same place in each.
    private static func count(_ bytes: [UInt8], through last: Int) -> Int64 {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            var lines: Int64 = 0
            var start = 0
            while start <= last, let newline = memchr(base + start, 0x0A, last + 1 - start) {
                let end = base.distance(to: UnsafeRawPointer(newline))
                let tag = start + LogLine.prefixLength - 2
                if tag < end, buffer[tag] == 0x46 { lines += 1 }
                start = end + 1
            }
            return lines
        }
    }
}
