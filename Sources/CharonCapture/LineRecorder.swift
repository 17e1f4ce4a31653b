package import CharonCore
package import CharonRuns
import Glibc

/// Cuts the bytes of one stream into entries of `output.log`: every line one, a long one several.
///
/// An entry has the time of the read that completed it. Bytes without a newline wait for one, until `flushPartial`
/// or `finish`.
package final class LineRecorder {
    package let stream: LogLine.Stream
    private let prefix: UnsafeMutableRawPointer
    private let pending: UnsafeMutableRawPointer
    private var pendingCount = 0
    /// The last entry was a part.
    private var isOpen = false
    private(set) var completeLines: Int64 = 0
    /// The second whose text is in `prefix`.
    private var second = Int64.min

    package init(_ stream: LogLine.Stream) {
        self.stream = stream
        prefix = .allocate(byteCount: LogLine.prefixLength, alignment: 8)
        pending = .allocate(byteCount: LogLine.longestText, alignment: 8)
        write("0000-00-00T00:00:00.000000000Z \(stream.rawValue) F ", at: 0)
    }

    deinit {
        prefix.deallocate()
        pending.deallocate()
    }

    /// The lines so far; one that has not ended counts.
    package var lines: Int64 { completeLines + (isOpen || hasPartial ? 1 : 0) }

    /// Whether bytes wait for their newline.
    package var hasPartial: Bool { pendingCount > 0 }

    /// Appends the entries that `chunk`, read at `time`, completes.
    package func record(_ chunk: UnsafeRawBufferPointer, at time: Instant, into writer: RecordWriter) {
        guard var position = chunk.baseAddress else { return }
        let end = position + chunk.count
        stamp(time)
        if pendingCount > 0 { position = completePending(position, end, into: writer) }
        var lines: Int64 = 0
        while position < end {
            guard let newline = memchr(position, Self.newline, end - position).map(UnsafeRawPointer.init) else {
                keep(position, end - position, into: writer)
                break
            }
            if newline - position > LogLine.longestText { position = writeParts(position, newline, into: writer) }
            let size = newline - position + 1
            let entry = writer.reserve(LogLine.prefixLength + size)
            entry.copyMemory(from: prefix, byteCount: LogLine.prefixLength)
            (entry + LogLine.prefixLength).copyMemory(from: position, byteCount: size)
            writer.append(LogLine.prefixLength + size)
            lines += 1
            isOpen = false
            position = newline + 1
        }
        completeLines += lines
    }

    /// Writes the bytes that wait as a part; their line goes on in the next entry.
    package func flushPartial(into writer: RecordWriter) {
        guard hasPartial else { return }
        write(pending, pendingCount, isPartial: true, into: writer)
        pendingCount = 0
    }

    /// Ends a line that has no newline, at the end of the stream.
    package func finish(into writer: RecordWriter) {
        guard isOpen || hasPartial else { return }
        write(pending, pendingCount, isPartial: false, into: writer)
        pendingCount = 0
        completeLines += 1
    }
}

extension LineRecorder {
    private static let newline: Int32 = 0x0A

    /// Goes on with the line that waits; returns where in the chunk the next text begins.
    private func completePending(
        _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, into writer: RecordWriter
    ) -> UnsafeRawPointer {
        let newline = memchr(start, Self.newline, end - start).map(UnsafeRawPointer.init)
        let taken = min((newline ?? end) - start, LogLine.longestText - pendingCount)
        (pending + pendingCount).copyMemory(from: start, byteCount: taken)
        pendingCount += taken
        let rest = start + taken
        if let newline, rest == newline {
            write(pending, pendingCount, isPartial: false, into: writer)
            pendingCount = 0
            completeLines += 1
            return newline + 1
        }
        // Full, and more of the line follows; otherwise the chunk is at its end.
        guard rest < end else { return rest }
        let overhang = Self.overhang(of: UnsafeRawPointer(pending + pendingCount), before: rest)
        pendingCount -= overhang
        write(pending, pendingCount, isPartial: true, into: writer)
        pending.copyMemory(from: pending + pendingCount, byteCount: overhang)
        pendingCount = overhang
        return overhang == 0 ? rest : completePending(rest, end, into: writer)
    }

    /// How many of the bytes before `end`, at least three, belong to a character of UTF-8 that goes on at `next`.
    private static func overhang(of end: UnsafeRawPointer, before next: UnsafeRawPointer) -> Int {
        func isContinuation(_ byte: UnsafeRawPointer) -> Bool { byte.load(as: UInt8.self) & 0xC0 == 0x80 }
        guard isContinuation(next) else { return 0 }
        return (1...3).first { !isContinuation(end - $0) } ?? 0
    }

    /// Lets bytes without a newline wait, but for whole parts of them.
    private func keep(_ start: UnsafeRawPointer, _ count: Int, into writer: RecordWriter) {
        let rest = count > LogLine.longestText ? writeParts(start, start + count, into: writer) : start
        pendingCount = start + count - rest
        pending.copyMemory(from: rest, byteCount: pendingCount)
    }

    /// Writes parts until at most one entry's text is left; returns where that begins.
    private func writeParts(
        _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, into writer: RecordWriter
    ) -> UnsafeRawPointer {
        var position = start
        while end - position > LogLine.longestText {
            let limit = position + LogLine.longestText
            let size = LogLine.longestText - Self.overhang(of: limit, before: limit)
            write(position, size, isPartial: true, into: writer)
            position += size
        }
        return position
    }

    private func write(_ text: UnsafeRawPointer, _ count: Int, isPartial: Bool, into writer: RecordWriter) {
        let size = LogLine.prefixLength + count + 1
        let entry = writer.reserve(size)
        entry.copyMemory(from: prefix, byteCount: LogLine.prefixLength)
        if isPartial { entry.storeBytes(of: 0x50, toByteOffset: LogLine.prefixLength - 2, as: UInt8.self) }
        (entry + LogLine.prefixLength).copyMemory(from: text, byteCount: count)
        entry.storeBytes(of: 0x0A, toByteOffset: size - 1, as: UInt8.self)
        writer.append(size)
        isOpen = isPartial
    }
}

extension LineRecorder {
    /// Puts `time` into the prefix; within a second only the nine decimals change.
    private func stamp(_ time: Instant) {
        var (seconds, fraction) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if fraction < 0 {
            fraction += 1_000_000_000
            seconds -= 1
        }
        if seconds != second {
            second = seconds
            write(time.rfc3339, at: 0)
        }
        var digits = fraction
        for place in stride(from: 28, through: 20, by: -1) {
            prefix.storeBytes(of: UInt8(0x30 + digits % 10), toByteOffset: place, as: UInt8.self)
            digits /= 10
        }
    }

    private func write(_ text: String, at offset: Int) {
        for (index, byte) in text.utf8.enumerated() {
            prefix.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
        }
    }
}
