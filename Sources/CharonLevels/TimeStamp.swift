/// Finds where a time stamp ends, in the many forms that programs write before their lines.
///
/// ISO 8601 with its relatives (`2024-01-01T00:00:00.1+00:00`, `2024/01/01 00:00:00,123 UTC`), times alone
/// (`12:00:00`, `3:04PM`), RFC 3164 (`Jan  1 00:00:00`), ctime(3) (`Mon Jan  1 00:00:00 2024`), PHP's and Apache's
/// (`01-Jan-2024 00:00:00 UTC`, `01/Jan/2024:00:00:00 +0000`), seconds (`1700000000.123`, ten digits at least).
enum TimeStamp {
    /// The index behind the time stamp that begins at `start`; nil if there is none.
    @inline(__always)
    static func end(in line: Span<UInt8>, at start: Int) -> Int? {
        line.at(start).isDigit || isName(in: line, at: start) ? whole(in: line, at: start) : nil
    }

    private static func whole(in line: Span<UInt8>, at start: Int) -> Int? {
        var index = start
        var isTime = false
        // Words of a date may stand before and between its numbers, each behind one or two blanks.
        for _ in 0..<6 {
            if let word = name(in: line, at: index) {
                index = word
            } else if line.at(index).isDigit, let number = number(in: line, at: index) {
                guard number.isTime || isTime || isDayOrYear(line, index, number.end) else { break }
                isTime = isTime || number.isTime
                index = number.end
            } else {
                break
            }
            let next = line.skippingBlanks(from: index)
            guard next > index, next - index <= 2 else { break }
            index = next
        }
        guard isTime else { return nil }
        index = zone(in: line, at: index) ?? index
        while index > start, line.at(index - 1).isBlank { index -= 1 }
        return index
    }

    /// A number of a date or time: digits with their separators.
    ///
    /// It is a time where it holds `00:00` or a date of three parts, or has ten digits as seconds since 1970 have.
    private static func number(in line: Span<UInt8>, at start: Int) -> (end: Int, isTime: Bool)? {
        var index = start
        var colons = 0
        var dashes = 0
        var isMonthNamed = false
        while true {
            switch line.at(index) {
            case "0"..."9": index += 1
            case ":":
                guard line.at(index + 1).isDigit else {
                    return (index, isTime(start, index, colons, dashes, isMonthNamed))
                }
                colons += 1
                index += 1
            case "-", "/":
                if let month = monthBetweenDashes(in: line, at: index + 1) {
                    isMonthNamed = true
                    index = month
                } else {
                    guard line.at(index + 1).isDigit else { return nil }
                    dashes += 1
                    index += 1
                }
            case ".", ",", "+", "T":
                guard line.at(index + 1).isDigit else {
                    return (index, isTime(start, index, colons, dashes, isMonthNamed))
                }
                index += 1
            case "Z", "s": return (index + 1, isTime(start, index, colons, dashes, isMonthNamed))
            case "A", "P", "a", "p":
                guard colons > 0, line.at(index + 1) == "M" || line.at(index + 1) == "m" else { return nil }
                return (index + 2, true)
            case let other:
                guard !other.isNameCharacter, index - start <= 40 else { return nil }
                return (index, isTime(start, index, colons, dashes, isMonthNamed))
            }
        }
    }

    private static func isTime(_ start: Int, _ end: Int, _ colons: Int, _ dashes: Int, _ isMonthNamed: Bool) -> Bool {
        colons > 0 || dashes >= 2 || isMonthNamed || end - start >= 10
    }

    /// One, two or four digits as a day or a year has, or six or eight as a date without separators.
    private static func isDayOrYear(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        end - start <= 2 || end - start == 4 || end - start == 6 || end - start == 8
    }

    /// The index behind the month's name and the separator that follows it, as in `01-Jan-2024`.
    private static func monthBetweenDashes(in line: Span<UInt8>, at start: Int) -> Int? {
        guard line.at(start).isUpper, let end = name(in: line, at: start) else { return nil }
        return line.at(end) == "-" || line.at(end) == "/" ? end + 1 : nil
    }

    /// Whether a short name may stand there: a capital and two small letters.
    @inline(__always)
    private static func isName(in line: Span<UInt8>, at start: Int) -> Bool {
        line.at(start).isUpper && line.at(start + 1).isLower && line.at(start + 2).isLower
            && !line.at(start + 3).isLetter
    }

    /// The index behind the short name of a month or a day of the week, and its comma.
    private static func name(in line: Span<UInt8>, at start: Int) -> Int? {
        guard isName(in: line, at: start) else { return nil }
        let isName =
            switch line.at(start) {
            case "J": line.has("Jan", at: start) || line.has("Jun", at: start) || line.has("Jul", at: start)
            case "F": line.has("Feb", at: start) || line.has("Fri", at: start)
            case "M": line.has("Mar", at: start) || line.has("May", at: start) || line.has("Mon", at: start)
            case "A": line.has("Apr", at: start) || line.has("Aug", at: start)
            case "S": line.has("Sep", at: start) || line.has("Sat", at: start) || line.has("Sun", at: start)
            case "O": line.has("Oct", at: start)
            case "N": line.has("Nov", at: start)
            case "D": line.has("Dec", at: start)
            case "T": line.has("Tue", at: start) || line.has("Thu", at: start)
            case "W": line.has("Wed", at: start)
            default: false
            }
        guard isName else { return nil }
        return line.at(start + 3) == "," ? start + 4 : start + 3
    }

    /// The index behind a zone: `+0000`, `-01:00`, `UTC`, `CEST`.
    private static func zone(in line: Span<UInt8>, at start: Int) -> Int? {
        if line.at(start) == "+" || line.at(start) == "-", line.at(start + 1).isDigit, line.at(start + 2).isDigit {
            var index = start + 1
            while line.at(index).isDigit || line.at(index) == ":" && line.at(index + 1).isDigit { index += 1 }
            return index
        }
        for name: StaticString in ["UTC", "GMT", "CET", "CEST", "EST", "EDT", "PST", "PDT", "MSK", "BST"]
        where line.has(name, at: start) {
            let end = start + name.utf8CodeUnitCount
            if !line.at(end).isNameCharacter { return end }
        }
        return nil
    }
}
