/// What of a line a terminal would show in the end: no escape sequences, and nothing before the last carriage return.
enum Shown {
    /// The part of a line with control characters that is shown; nil if it has escape sequences, which `bytes` takes out.
    static func range(of line: Span<UInt8>) -> Range<Int>? {
        guard line.index(of: 0x1B, from: 0, to: line.count) == nil else { return nil }
        var end = line.count
        while line.at(end - 1) == "\r" { end -= 1 }
        let start = line.lastIndex(of: 0x0D, from: 0, to: end).map { $0 + 1 } ?? 0
        return start..<end
    }

    /// The shown bytes of a line with escape sequences (ECMA-48: CSI, OSC, and those of two characters).
    static func bytes(of line: Span<UInt8>) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(line.count)
        var isReturned = false
        var index = 0
        while index < line.count {
            switch line.at(index) {
            case "\u{1B}": index = sequenceEnd(line, index + 1)
            case "\r":
                isReturned = true
                index += 1
            default:
                if isReturned { shown.removeAll(keepingCapacity: true) }
                isReturned = false
                shown.append(line[index])
                index += 1
            }
        }
        return shown
    }

    /// The index behind the sequence whose ESC is before `start`.
    private static func sequenceEnd(_ line: Span<UInt8>, _ start: Int) -> Int {
        var index = start + 1
        switch line.at(start) {
        case "[":
            while (0x20...0x3F).contains(line.at(index).value) { index += 1 }
            return (0x40...0x7E).contains(line.at(index).value) ? index + 1 : index
        case "]":
            while index < line.count, line.at(index) != "\u{7}", line.at(index) != "\u{1B}" { index += 1 }
            // A control string without an end must not hide a message.
            guard index < line.count else { return start + 1 }
            return line.has("\u{1B}\\", at: index) ? index + 2 : index + (line.at(index) == "\u{7}" ? 1 : 0)
        case " "..."/": return index + 1
        default: return index
        }
    }
}
