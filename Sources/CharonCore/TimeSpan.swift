/// A length of time as operators write it, after systemd.time(7): `90`, `90s`, `500ms`, `5min`, `1h30m`, `7d`.
package struct TimeSpan: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let rule =
        "a time is a number of seconds, or numbers with units (ms, s, m or min, h, d, w), as in 90s or 1h30m"

    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func seconds(_ seconds: Int64) -> TimeSpan { TimeSpan(milliseconds: seconds * 1000) }

    /// Nil unless `text` follows the rule; negative and overlong times (over 1,000 years) do not.
    package init?(_ text: String) {
        var total: Int64 = 0
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            while rest.first == " " { rest.removeFirst() }
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            while rest.first == " " { rest.removeFirst() }
            guard let count = Int64(digits), count >= 0, let size = Self.size(of: unit) else { return nil }
            guard !unit.isEmpty || (digits.startIndex == text.startIndex && rest.isEmpty) else { return nil }
            let (part, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, part <= Self.longest, total + part <= Self.longest else { return nil }
            total += part
        }
        milliseconds = total
    }

    /// The longest time that is read, in milliseconds: 1,000 years.
    package static let longest: Int64 = 1000 * 366 * 86_400_000

    private static func size(of unit: Substring) -> Int64? {
        switch unit {
        case "ms": 1
        case "", "s", "sec": 1000
        case "m", "min": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        case "w": 604_800_000
        default: nil
        }
    }

    package var seconds: Double { Double(milliseconds) / 1000 }

    /// The two largest units that matter: `0 s`, `950 ms`, `1.5 s`, `2 min 5 s`, `3 h 0 min`, `2 d 4 h`.
    package var description: String {
        let seconds = milliseconds / 1000
        switch milliseconds {
        case 0: return "0 s"
        case ..<1000: return "\(milliseconds) ms"
        case ..<60_000:
            let tenths = milliseconds / 100 % 10
            return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400_000: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
    }

    package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.milliseconds < b.milliseconds }
}
