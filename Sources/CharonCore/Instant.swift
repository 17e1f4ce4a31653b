import Glibc

/// A wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, good until the year 2262.
package struct Instant: Hashable, Sendable, Comparable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Seconds beyond the range give its first or last instant.
    package init(seconds: Int64) {
        let (product, isOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = isOverflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Now, by CLOCK_REALTIME.
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The seconds from `earlier` to this instant; negative if the clock was stepped back between them.
    package func seconds(since earlier: Instant) -> Double {
        let (difference, isOverflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return (isOverflow ? Double(nanoseconds) - Double(earlier.nanoseconds) : Double(difference)) / 1e9
    }

    /// The instant that many seconds later, or earlier if negative; beyond the range, its last or first instant.
    package func advanced(bySeconds seconds: Double) -> Instant {
        let limit = Double(Int64.max)
        let step = seconds.isNaN ? 0 : Swift.min(Swift.max(seconds * 1e9, -limit), limit)
        let (sum, isOverflow) = nanoseconds.addingReportingOverflow(Int64(exactly: step.rounded()) ?? .max)
        return Instant(nanoseconds: isOverflow ? (step < 0 ? .min : .max) : sum)
    }
}

extension Instant {
    /// The UTC calendar fields of an instant.
    package struct Civil: Hashable, Sendable {
        package var year, month, day, hour, minute, second, nanosecond: Int
    }

    /// The proleptic Gregorian date and UTC time of day.
    package var civil: Civil {
        let seconds = nanoseconds.floorDivided(by: 1_000_000_000)
        let remainder = Int(nanoseconds % 1_000_000_000)
        let fraction = remainder < 0 ? remainder + 1_000_000_000 : remainder
        let days = seconds.floorDivided(by: 86_400)
        let time = Int(seconds - days * 86_400)
        // Years begin in March here, so that the leap day is a year's last and months have a linear rule.
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return Civil(
            year: Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0),
            month: month,
            day: Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1),
            hour: time / 3_600,
            minute: time / 60 % 60,
            second: time % 60,
            nanosecond: fraction
        )
    }

    /// RFC 3339 in UTC with nine decimals, always 30 bytes: `2026-01-31T04:05:06.000000007Z`.
    package var rfc3339: String { String(decoding: rfc3339Bytes, as: UTF8.self) }

    package var rfc3339Bytes: [UInt8] {
        let utc = civil
        var bytes: [UInt8] = []
        bytes.reserveCapacity(30)
        for (value, width, separator) in [
            (utc.year, 4, "-"), (utc.month, 2, "-"), (utc.day, 2, "T"), (utc.hour, 2, ":"), (utc.minute, 2, ":"),
            (utc.second, 2, "."), (utc.nanosecond, 9, "Z"),
        ] as [(Int, Int, Character)] {
            bytes.appendDecimal(value, width: width)
            bytes.append(separator.asciiValue ?? 0x3F)
        }
        return bytes
    }

    /// Reads what `rfc3339` writes, with one to nine decimals or none.
    ///
    /// Nil for anything else.
    package init?(rfc3339 bytes: some Collection<UInt8>) { self.init(rfc3339: Array(bytes)) }

    /// As above; without generics, as each line of an output is read by it.
    package init?(rfc3339 text: [UInt8]) {
        guard text.count >= 20, text.last == 0x5A else { return nil }
        func field(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in text[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard text[4] == 0x2D, text[7] == 0x2D, text[10] == 0x54, text[13] == 0x3A, text[16] == 0x3A,
            let year = field(0..<4), let month = field(5..<7), let day = field(8..<10), let hour = field(11..<13),
            let minute = field(14..<16), let second = field(17..<19), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 61, (1678...2261).contains(year)
        else { return nil }
        var fraction: Int64 = 0
        if text.count > 20 {
            guard text[19] == 0x2E, (22...30).contains(text.count), let digits = field(20..<text.count - 1)
            else { return nil }
            fraction = (0..<30 - text.count).reduce(digits) { value, _ in value * 10 }
        }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        nanoseconds = (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000_000 + fraction
        // A day that the month does not have would count on into the next month.
        guard Instant(seconds: days * 86_400).civil.day == day else { return nil }
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        self % divisor < 0 ? self / divisor - 1 : self / divisor
    }
}

extension [UInt8] {
    /// Appends `value`, which is not negative, in decimal, with leading zeros up to `width` digits.
    package mutating func appendDecimal(_ value: Int, width: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(width, 1) { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: 0x30 + value / divisor % 10))
            divisor /= 10
        }
    }
}
