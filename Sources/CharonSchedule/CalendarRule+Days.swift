extension CalendarRule {
    /// The days of a month that match, bit n for day n; `first` is the weekday of its first day, 0 for Sunday.
    func days(ofMonthWith count: Int, first: Int) -> UInt32 {
        let all = UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(count + 1)) - 2)
        let (byDay, byWeekday) = (monthDays(count, first) & all, weekDays(count, first) & all)
        return needsBothDays ? byDay & byWeekday : byDay | byWeekday
    }

    private func monthDays(_ count: Int, _ first: Int) -> UInt32 {
        var mask = days
        if flags.contains(.lastDay) { mask |= 1 << UInt32(count) }
        if flags.contains(.lastWorkday) { mask |= 1 << UInt32(Self.workday(nearest: count, count, first)) }
        var rest = nearest
        while rest != 0 {
            let day = rest.trailingZeroBitCount
            rest &= rest - 1
            if day <= count { mask |= 1 << UInt32(Self.workday(nearest: day, count, first)) }
        }
        return mask
    }

    /// The Monday to Friday nearest to a day without leaving the month.
    private static func workday(nearest day: Int, _ count: Int, _ first: Int) -> Int {
        switch (first + day - 1) % 7 {
        case 6: day == 1 ? 3 : day - 1
        case 0: day == count ? day - 2 : day + 1
        default: day
        }
    }

    private func weekDays(_ count: Int, _ first: Int) -> UInt32 {
        if weekdays == 0x7F { return .max }
        var mask: UInt32 = 0
        for weekday in 0..<7 {
            let day = 1 + (weekday - first + 7) % 7
            let (bit, each) = (UInt8(1) << UInt8(weekday), UInt32(0x1020_4081))
            if weekdays & bit != 0 { mask |= each << UInt32(day) }
            if lastWeekdays & bit != 0 { mask |= 1 << UInt32(day + (count - day) / 7 * 7) }
            let ordinal = ordinals >> UInt64(weekday * 5) & 0x1F
            for n in 0..<5 where ordinal >> UInt64(n) & 1 != 0 && day + 7 * n <= count {
                mask |= 1 << UInt32(day + 7 * n)
            }
        }
        return mask
    }

    /// Whether any month of any year has a day that matches.
    ///
    /// A month's days depend on nothing but its length and its first weekday, and all pairs occur.
    var hasAnyDay: Bool {
        for month in 1...12 where months >> UInt16(month) & 1 != 0 {
            for count in Set([2000, 2001].map { CivilDate.days(in: month, of: $0) }) {
                for first in 0..<7 where days(ofMonthWith: count, first: first) != 0 { return true }
            }
        }
        return false
    }
}
