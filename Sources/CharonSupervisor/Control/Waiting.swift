package import CharonCore
package import CharonRuns
import Glibc

/// What of a run waits for Charon.
package enum Waiting {
    /// What Charon gets next of a run.
    package enum Next: String, Hashable, Sendable, CaseIterable {
        case start, messages, end
    }

    /// Nil if Charon has all that there is so far; `bytes` of output are not acknowledged.
    package static func next(_ delivery: DeliveryRecord, hasEnded: Bool, bytes: Int64) -> Next? {
        if delivery.isDone { return nil }
        guard case .answered = delivery.start else { return .start }
        // Beyond its cap, of a run only the last lines follow, and those when it has ended.
        let mayFollow = !RunCap().isFull(delivery) || (hasEnded && delivery.omitted == nil)
        let hasNotice = delivery.isLate && !delivery.isNoticeSent
        if hasNotice || (bytes > 0 && mayFollow) { return .messages }
        return hasEnded ? .end : nil
    }

    /// Complete lines of an `output.log` from `offset` on, up to `end`.
    ///
    /// `room` is how many bytes may be read, less what this took; nil if they are too few.
    package static func lines(
        of directory: RunDirectory, from offset: Int64, to end: Int64, room: inout Int64
    ) throws(SystemError) -> Int64? {
        guard offset < end else { return 0 }
        let file = try Descriptor.open(directory.outputPath, O_RDONLY | O_NOFOLLOW)
        var (offset, lines) = (offset, Int64(0))
        while offset < end {
            guard room > 0 else { return nil }
            let bytes = try file.read(at: offset, limit: Int(min(window, end - offset)))
            guard let last = bytes.lastIndex(of: 0x0A) else { break }
            lines += count(bytes, through: last)
            offset += Int64(last) + 1
            room -= Int64(bytes.count)
        }
        return lines
    }

    private static let window: Int64 = 1 << 20

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
