/// A compiled zone as tzfile(5) and RFC 8536 describe it, versions 1 to 4.
struct ZoneFile {
    /// Why some bytes are no zone that can be used.
    struct Malformed: Error, Hashable {
        let reason: String
    }

    let changes: [Int64]
    let offsets: [Int32]
    let rule: PosixRule?

    private struct Header {
        let version: UInt8
        let isUTC, isStandard, leaps, times, types, names: Int
        /// The bytes of the data block that follows, with times of that many bytes.
        func size(_ width: Int) -> Int {
            times * (width + 1) + types * 6 + names + leaps * (width + 4) + isStandard + isUTC
        }
    }

    /// Reads all of a file.
    ///
    /// Files with leap seconds (`right/…`) are refused: the host's clock does not count them.
    init(_ bytes: [UInt8]) throws(Malformed) {
        var header = try Self.header(bytes, at: 0)
        var start = 44
        var width = 4
        if header.version >= 0x32 {
            let second = 44 + header.size(4)
            header = try Self.header(bytes, at: second)
            start = second + 44
            width = 8
        }
        guard start + header.size(width) <= bytes.count else { throw Malformed(reason: "it is cut short") }
        guard header.leaps == 0 else {
            throw Malformed(reason: "it counts leap seconds, which clocks do not: use the zone without right/")
        }
        guard header.types > 0, header.names > 0, [0, header.types].contains(header.isUTC),
            [0, header.types].contains(header.isStandard)
        else { throw Malformed(reason: "its counts do not fit each other") }
        let types = try Self.types(bytes, header, at: start + header.times * (width + 1))
        (changes, offsets) = try Self.changes(bytes, header, types, start, width)
        rule = width == 8 ? try Self.footer(bytes[(start + header.size(8))...]) : nil
    }

    private static func header(_ bytes: [UInt8], at place: Int) throws(Malformed) -> Header {
        guard place + 44 <= bytes.count else { throw Malformed(reason: "it is cut short") }
        guard Array(bytes[place..<place + 4]) == Array("TZif".utf8) else {
            throw Malformed(reason: "it does not begin as one")
        }
        var counts: [Int] = []
        for index in 0..<6 { counts.append(integer(bytes, at: place + 20 + index * 4, 4)) }
        // No zone has that many of anything; sums of such counts cannot overflow.
        guard counts.allSatisfy({ (0...65_536).contains($0) }) else {
            throw Malformed(reason: "its counts are too large")
        }
        return Header(
            version: bytes[place + 4], isUTC: counts[0], isStandard: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], names: counts[5])
    }

    /// A big-endian two's complement number; the caller has made sure that it is there.
    private static func integer(_ bytes: [UInt8], at place: Int, _ width: Int) -> Int {
        var value: Int = bytes[place] >= 0x80 ? -1 : 0
        for byte in bytes[place..<place + width] { value = value << 8 | Int(byte) }
        return value
    }

    private static func types(_ bytes: [UInt8], _ header: Header, at place: Int) throws(Malformed) -> [Int32] {
        var types: [Int32] = []
        for index in 0..<header.types {
            let offset = integer(bytes, at: place + index * 6, 4)
            // RFC 8536 section 3.2: the offsets that a reader may rely on.
            guard (-89_999...93_599).contains(offset), bytes[place + index * 6 + 4] <= 1,
                Int(bytes[place + index * 6 + 5]) < header.names
            else { throw Malformed(reason: "a local time type is out of range") }
            types.append(Int32(offset))
        }
        return types
    }

    /// The changes of the offset; those of the name or of the summer time flag alone are left out.
    private static func changes(
        _ bytes: [UInt8], _ header: Header, _ types: [Int32], _ start: Int, _ width: Int
    ) throws(Malformed) -> ([Int64], [Int32]) {
        var changes: [Int64] = []
        var offsets = [types[0]]
        var last = Int.min
        for index in 0..<header.times {
            let time = integer(bytes, at: start + index * width, width)
            let type = Int(bytes[start + header.times * width + index])
            guard time > last || index == 0, type < types.count else {
                throw Malformed(reason: "its changes are not in order")
            }
            last = time
            guard types[type] != offsets[offsets.count - 1] else { continue }
            // Some writers begin with the Big Bang; it lies before all time that is computed with.
            guard time > -Zone.bound else {
                offsets = [types[type]]
                continue
            }
            guard time < Zone.bound else { throw Malformed(reason: "a change is too far away") }
            changes.append(Int64(time))
            offsets.append(types[type])
        }
        return (changes, offsets)
    }

    private static func footer(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> PosixRule? {
        let bytes = Array(bytes)
        guard bytes.first == 0x0A, let end = bytes.dropFirst().firstIndex(of: 0x0A) else {
            throw Malformed(reason: "it is cut short")
        }
        let text = bytes[1..<end]
        if text.isEmpty { return nil }
        guard let rule = PosixRule(text) else {
            throw Malformed(reason: "its rule '\(String(decoding: text, as: UTF8.self))' cannot be read")
        }
        return rule
    }
}
