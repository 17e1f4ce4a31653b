package import CharonCore

/// A date and time of day as clocks of some zone show it.
package struct LocalTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Seconds from 1970-01-01T00:00:00 on the same clock.
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// What the clocks of a zone show at an instant, in whole seconds.
    package init(_ instant: Instant, in zone: Zone) {
        let second = instant.second
        seconds = second + zone.offset(at: second)
    }

    /// ISO 8601 without an offset: `2026-03-29T02:30:00`.
    package var description: String {
        let date = CivilDate(dayNumber: seconds.floorDivided(by: 86_400))
        let time = Int(seconds - seconds.floorDivided(by: 86_400) * 86_400)
        var bytes: [UInt8] = []
        for (value, width, separator) in [
            (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (time / 3600, 2, ":"),
            (time / 60 % 60, 2, ":"), (time % 60, 2, " "),
        ] as [(Int, Int, Character)] {
            bytes.appendDecimal(value, width: width)
            bytes.append(separator.asciiValue ?? 0x3F)
        }
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    package static func < (a: LocalTime, b: LocalTime) -> Bool { a.seconds < b.seconds }
}

extension Instant {
    /// Whole seconds since 1970, rounded down.
    var second: Int64 { nanoseconds.floorDivided(by: 1_000_000_000) }

    /// ISO 8601 with the offset of a zone, in whole seconds: `2026-03-29T03:00:00+02:00`.
    package func text(in zone: Zone) -> String {
        let offset = zone.offset(at: second)
        let size = Int(abs(offset))
        var bytes = Array(LocalTime(seconds: second + offset).description.utf8)
        bytes.append(offset < 0 ? 0x2D : 0x2B)
        bytes.appendDecimal(size / 3600, width: 2)
        bytes.append(0x3A)
        bytes.appendDecimal(size / 60 % 60, width: 2)
        if size % 60 != 0 {
            bytes.append(0x3A)
            bytes.appendDecimal(size % 60, width: 2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
