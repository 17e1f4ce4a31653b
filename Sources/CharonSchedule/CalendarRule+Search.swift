extension CalendarRule {
    /// The first local second of `range` that matches; seconds count from 1970-01-01T00:00:00 on that clock.
    func first(in range: Range<Int64>) -> Int64? {
        guard !range.isEmpty else { return nil }
        let startDay = range.lowerBound.floorDivided(by: 86_400)
        let lastDay = (range.upperBound - 1).floorDivided(by: 86_400)
        var time: Int? = first(inDayFrom: Int(range.lowerBound - startDay * 86_400))
        var date = CivilDate(dayNumber: startDay)
        var mask = days(of: date)
        if time == nil || mask >> UInt32(date.day) & 1 == 0 {
            time = first(inDayFrom: 0)
            mask &= ~UInt32(1) << UInt32(date.day)
        } else {
            mask &= ~UInt32(0) << UInt32(date.day)
        }
        guard let time else { return nil }
        var monthStart = startDay - Int64(date.day - 1)
        while monthStart <= lastDay {
            if mask != 0 {
                let second = (monthStart + Int64(mask.trailingZeroBitCount - 1)) * 86_400 + Int64(time)
                return second < range.upperBound ? second : nil
            }
            monthStart += Int64(CivilDate.days(in: date.month, of: date.year))
            date =
                date.month == 12
                ? CivilDate(year: date.year + 1, month: 1, day: 1)
                : CivilDate(year: date.year, month: date.month + 1, day: 1)
            mask = days(of: date)
        }
        return nil
    }

    /// The last local second of `range` that matches.
    func last(in range: Range<Int64>) -> Int64? {
        guard !range.isEmpty else { return nil }
        let endDay = (range.upperBound - 1).floorDivided(by: 86_400)
        let firstDay = range.lowerBound.floorDivided(by: 86_400)
        var time: Int? = last(inDayTo: Int(range.upperBound - 1 - endDay * 86_400))
        var date = CivilDate(dayNumber: endDay)
        var mask = days(of: date) & ~(~UInt32(1) << UInt32(date.day))
        if time == nil || mask >> UInt32(date.day) & 1 == 0 {
            time = last(inDayTo: 86_399)
            mask &= ~(1 << UInt32(date.day))
        }
        guard let time else { return nil }
        var monthStart = endDay - Int64(date.day - 1)
        while true {
            if mask != 0 {
                let second = (monthStart + Int64(30 - mask.leadingZeroBitCount)) * 86_400 + Int64(time)
                return second >= range.lowerBound ? second : nil
            }
            guard monthStart > firstDay else { return nil }
            date =
                date.month == 1
                ? CivilDate(year: date.year - 1, month: 12, day: 1)
                : CivilDate(year: date.year, month: date.month - 1, day: 1)
            monthStart -= Int64(CivilDate.days(in: date.month, of: date.year))
            mask = days(of: date)
        }
    }

    /// All local seconds of `range` that match.
    func all(in range: Range<Int64>) -> [Int64] {
        var found: [Int64] = []
        var start = range.lowerBound
        while start < range.upperBound, let second = first(in: start..<range.upperBound) {
            found.append(second)
            start = second + 1
        }
        return found
    }

    /// The days of a date's month that match, bit n for day n.
    private func days(of date: CivilDate) -> UInt32 {
        guard months >> UInt16(date.month) & 1 != 0 else { return 0 }
        let count = CivilDate.days(in: date.month, of: date.year)
        let first = CivilDate(year: date.year, month: date.month, day: 1).dayNumber
        return days(ofMonthWith: count, first: CivilDate.weekday(first))
    }

    /// The first second of a day, from one on, at which second, minute and hour match.
    private func first(inDayFrom start: Int) -> Int? {
        var (hour, minute, second) = (start / 3600, start / 60 % 60, start % 60)
        if let next = Self.bit(seconds, from: second) { second = next } else { (second, minute) = (0, minute + 1) }
        if minute < 60, hours >> UInt32(hour) & 1 != 0, let next = Self.bit(minutes, from: minute) {
            if next > minute { second = 0 }
            return Self.bit(seconds, from: second).map { hour * 3600 + next * 60 + $0 }
        }
        hour += 1
        guard let next = Self.bit(UInt64(hours), from: hour) else { return nil }
        return next * 3600 + minutes.trailingZeroBitCount * 60 + seconds.trailingZeroBitCount
    }

    /// The last second of a day, up to one, at which second, minute and hour match.
    private func last(inDayTo end: Int) -> Int? {
        var (hour, minute, second) = (end / 3600, end / 60 % 60, end % 60)
        if let next = Self.bit(seconds, downFrom: second) { second = next } else { (second, minute) = (59, minute - 1) }
        if minute >= 0, hours >> UInt32(hour) & 1 != 0, let next = Self.bit(minutes, downFrom: minute) {
            if next < minute { second = 59 }
            return Self.bit(seconds, downFrom: second).map { hour * 3600 + next * 60 + $0 }
        }
        hour -= 1
        guard let next = Self.bit(UInt64(hours), downFrom: hour) else { return nil }
        return next * 3600 + (63 - minutes.leadingZeroBitCount) * 60 + 63 - seconds.leadingZeroBitCount
    }

    /// The lowest bit that is set from one on.
    private static func bit(_ mask: UInt64, from start: Int) -> Int? {
        let rest = mask & UInt64.max << UInt64(start)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The highest bit that is set up to one.
    private static func bit(_ mask: UInt64, downFrom start: Int) -> Int? {
        guard start >= 0 else { return nil }
        let rest = mask & UInt64.max >> UInt64(63 - start)
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }
}
