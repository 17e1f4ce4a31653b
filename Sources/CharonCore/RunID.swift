/// Our name for one attempt to run a job: `YYYYMMDDTHHMMSSmmm-rrrrrrrrrrrr`, UTC, with 48 random bits.
///
/// Text order is time order, to the millisecond. Known before Charon has answered anything.
package struct RunID: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let text: String

    /// Nil unless `text` has exactly the form above.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 31 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let fits =
                switch index {
                case 8: byte == 0x54
                case 18: byte == 0x2D
                case 19...: Self.digits.contains(byte)
                default: (0x30...0x39).contains(byte)
                }
            guard fits else { return nil }
        }
        self.text = text
    }

    /// A new id for a run that is asked for at `instant`; `random` supplies its 48 low bits.
    package init(at instant: Instant, random: UInt64 = .random(in: 0...UInt64.max)) {
        let utc = instant.civil
        var bytes: [UInt8] = []
        bytes.reserveCapacity(31)
        bytes.appendDecimal(utc.year, width: 4)
        bytes.appendDecimal(utc.month, width: 2)
        bytes.appendDecimal(utc.day, width: 2)
        bytes.append(0x54)
        bytes.appendDecimal(utc.hour, width: 2)
        bytes.appendDecimal(utc.minute, width: 2)
        bytes.appendDecimal(utc.second, width: 2)
        bytes.appendDecimal(utc.nanosecond / 1_000_000, width: 3)
        bytes.append(0x2D)
        for nibble in (0..<12).reversed() { bytes.append(Self.digits[Int(random >> UInt64(nibble * 4) & 15)]) }
        text = String(decoding: bytes, as: UTF8.self)
    }

    package var description: String { text }

    package static func < (a: RunID, b: RunID) -> Bool { a.text < b.text }

    private static let digits = Array("0123456789abcdef".utf8)
}
