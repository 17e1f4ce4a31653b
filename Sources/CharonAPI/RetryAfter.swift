package import CharonCore

/// The header `Retry-After` (RFC 9110, 10.2.3).
package enum RetryAfter {
    /// How long to wait from `now` on; nil if `text` is neither a number of seconds nor an HTTP date.
    ///
    /// A date in the past is zero; nothing is longer than a year.
    package static func parse(_ text: String, now: Instant) -> TimeSpan? {
        let text = text.drop { $0 == " " }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(Int64(text).map { min($0, longest) } ?? longest)
        }
        guard let date = date(text, now: now) else { return nil }
        let seconds = date.seconds(since: now).rounded(.up)
        return .seconds(Int64(min(max(seconds, 0), Double(longest))))
    }

    private static let longest: Int64 = 366 * 86_400

    /// Reads the three forms of RFC 9110, 5.6.7.
    ///
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    private static func date(_ text: Substring, now: Instant) -> Instant? {
        let fields = text.split { $0 == " " || $0 == "," || $0 == "-" }
        let day, month, year, time: Substring
        switch fields.count {
        case 6 where fields[5] == "GMT": (day, month, year, time) = (fields[1], fields[2], fields[3], fields[4])
        case 5: (month, day, time, year) = (fields[1], fields[2], fields[3], fields[4])
        default: return nil
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let month = months.firstIndex(of: String(month)), let day = UInt8(day), var number = UInt16(year)
        else { return nil }
        if year.utf8.count == 2 {
            // A two-digit year is the latest that is at most fifty years ahead.
            let present = UInt16(truncatingIfNeeded: now.civil.year)
            number += present / 100 * 100
            if number > present + 50 { number -= 100 }
        }
        let numbers = padded(number, 4) + "-" + padded(UInt16(month + 1), 2) + "-" + padded(UInt16(day), 2)
        return Instant(rfc3339: "\(numbers)T\(time)Z".utf8)
    }

    private static func padded(_ number: UInt16, _ width: Int) -> String {
        var digits: [UInt8] = []
        digits.appendDecimal(Int(number), width: width)
        return String(decoding: digits, as: UTF8.self)
    }
}
