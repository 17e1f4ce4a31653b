/// A number of bytes as operators write it: `65536`, `64K`, `512MiB`, `1G`; units are powers of 1024, as in systemd.
package struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let rule =
        "a size is a number of bytes, or a number with a unit (K, M, G, T, or KiB, MiB, GiB, TiB), as in 512M or 1GiB"

    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    /// The largest size that is read: 1 EiB.
    package static let most: Int64 = 1 << 60

    /// Nil unless `text` follows the rule; negative sizes and those over 1 EiB do not.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int64(digits), let size = Self.size(of: unit) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= Self.most else { return nil }
        self.bytes = bytes
    }

    private static func size(of unit: Substring) -> Int64? {
        switch unit {
        case "", "B": 1
        case "K", "KiB": 1 << 10
        case "M", "MiB": 1 << 20
        case "G", "GiB": 1 << 30
        case "T", "TiB": 1 << 40
        default: nil
        }
    }

    /// In the largest unit that it fills, with one decimal: `0 B`, `512 B`, `1.5 KiB`, `20 MiB`.
    package var description: String {
        for (index, unit) in ["TiB", "GiB", "MiB", "KiB"].enumerated() {
            let size = Int64(1) << Int64(40 - 10 * index)
            guard bytes >= size else { continue }
            let tenths = bytes % size * 10 / size
            return tenths == 0 ? "\(bytes / size) \(unit)" : "\(bytes / size).\(tenths) \(unit)"
        }
        return "\(bytes) B"
    }

    package static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }
}
