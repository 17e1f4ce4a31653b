/// The rule for all years behind the last listed change: a POSIX TZ string, with the extended hours of RFC 8536.
struct PosixRule: Hashable, Sendable {
    /// A change of the year: a day, and a local time of that day in seconds (-167 to 167 hours).
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// `J60`: 1 to 365, never counting February 29.
            case julian(Int)
            /// `59`: 0 to 365, counting February 29.
            case zeroBased(Int)
            /// `M3.5.0`: the week-th weekday of a month, 5 for the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        let day: Day
        let time: Int64
    }

    /// Ahead of UTC, in seconds.
    let standard: Int32
    /// Summer time, its begin and its end; nil where there is none.
    let summer: Summer?

    struct Summer: Hashable, Sendable {
        let offset: Int32
        let begin: Change
        let end: Change
    }

    /// The stretch that a second lies in; those before `bound` are not the rule's.
    func stretch(at second: Int64, notBefore bound: Int64) -> Zone.Stretch {
        guard let summer else {
            return Zone.Stretch(start: bound, end: Zone.bound, offset: Int64(standard))
        }
        let year = CivilDate(dayNumber: second.floorDivided(by: 86_400)).year
        var start = -Zone.bound
        var end = Zone.bound
        var offset = Int64(standard)
        // Extended hours reach over the year's ends. Of two changes at one second summer's begin is the last word, which
        // makes summer all year, as RFC 8536 writes it, one stretch after the other with one offset.
        for year in year - 1...year + 1 {
            let begin = Self.second(of: summer.begin, year: year) - Int64(standard)
            let finish = Self.second(of: summer.end, year: year) - Int64(summer.offset)
            for (change, after) in [(finish, standard), (begin, summer.offset)] {
                if change <= second, change >= start { (start, offset) = (change, Int64(after)) }
                if change > second { end = min(end, change) }
            }
        }
        return Zone.Stretch(start: max(start, bound), end: end, offset: offset)
    }

    /// A change's local second since 1970-01-01, by the clock before it.
    private static func second(of change: Change, year: Int) -> Int64 {
        let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
        let day =
            switch change.day {
            case .julian(let n): newYear + Int64(n - 1 + (n >= 60 && CivilDate.isLeap(year) ? 1 : 0))
            case .zeroBased(let n): newYear + Int64(n)
            case .weekday(let month, let week, let weekday):
                Self.day(month, week, weekday, year)
            }
        return day * 86_400 + change.time
    }

    private static func day(_ month: Int, _ week: Int, _ weekday: Int, _ year: Int) -> Int64 {
        let first = CivilDate(year: year, month: month, day: 1).dayNumber
        var day = (weekday - CivilDate.weekday(first) + 7) % 7 + 7 * (week - 1)
        if day >= CivilDate.days(in: month, of: year) { day -= 7 }
        return first + Int64(day)
    }
}
