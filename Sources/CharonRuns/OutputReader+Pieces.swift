import CLinux
package import CharonCore
import Glibc

extension OutputReader {
    /// What stands at a place of the output.
    package enum Piece: Hashable, Sendable {
        case entry(Entry, from: Int64)
        /// Bytes that the disk budget took: they read as zeros, and so begins no entry.
        case dropped(DeliveryRecord.Batch)
    }

    /// The pieces from `offset` on, out of about `limit` bytes, and the offset behind them.
    ///
    /// At the end of the complete entries that is `offset` itself. Text that is no entry is passed over.
    package func pieces(from offset: Int64, limit: Int = 131_072) throws(SystemError) -> (
        pieces: [Piece], next: Int64
    ) {
        let window = max(limit, LogLine.prefixLength + LogLine.longestText + 1)
        let bytes = try read(at: offset, limit: window)
        var pieces: [Piece] = []
        var start = 0
        while start < bytes.count {
            let place = offset + Int64(start)
            if bytes[start] == 0 {
                guard let end = bytes[start...].firstIndex(where: { $0 != 0 }) else {
                    let next = try firstData(from: offset + Int64(bytes.count))
                    return (pieces + [.dropped(.init(from: place, to: next))], next)
                }
                pieces.append(.dropped(.init(from: place, to: offset + Int64(end))))
                start = end
                continue
            }
            guard let newline = bytes[start...].firstIndex(of: 0x0A) else { break }
            let end = offset + Int64(newline) + 1
            if let line = LogLine(entry: bytes[start..<newline]) {
                pieces.append(.entry(Entry(line: line, end: end), from: place))
            } else if case .dropped(let gap)? = pieces.last, gap.to == place {
                // The rest of an entry whose beginning has gone.
                pieces[pieces.count - 1] = .dropped(.init(from: gap.from, to: end))
            }
            start = newline + 1
        }
        // Without a newline in a whole window this is no record of ours; what follows may be one again.
        return (pieces, offset + Int64(start == 0 && bytes.count == window ? window : start))
    }

    /// The first byte from `offset` on that is not zero, or a place before it where a caller can go on.
    ///
    /// The end of the file if there is none.
    private func firstData(from offset: Int64) throws(SystemError) -> Int64 {
        // Only whole blocks are holes; elsewhere, and on a file system that knows none, zeros are read.
        let found = clinux_next_data(file.number, offset)
        guard found != -Int64(ENXIO) else { return max(try size, offset) }
        var place = max(found, offset)
        for _ in 0..<Self.mostZeroWindows {
            let bytes = try read(at: place, limit: 65_536)
            if let first = bytes.firstIndex(where: { $0 != 0 }) { return place + Int64(first) }
            place += Int64(bytes.count)
            if bytes.isEmpty { break }
        }
        return place
    }

    /// How many windows of zeros are read at once, so that a file of zeros costs a bounded time.
    private static let mostZeroWindows = 64
}
