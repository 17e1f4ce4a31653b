/// Times of the calendar as five or six fields name them, in bits.
struct CalendarRule: Hashable, Sendable {
    var seconds: UInt64 = 1
    var minutes: UInt64
    var hours: UInt32
    /// Bit n is day n of the month.
    var days: UInt32
    /// Bit n is the Monday to Friday nearest to day n, in the same month.
    var nearest: UInt32 = 0
    /// Bit n is month n.
    var months: UInt16
    /// Bit 0 is Sunday.
    var weekdays: UInt8
    /// Bit n is the last such day of the week in the month.
    var lastWeekdays: UInt8 = 0
    /// Bit 5 × weekday + n - 1 is the n-th such day of the week in the month.
    var ordinals: UInt64 = 0
    var flags: Flags

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        /// The field begins with `*`, whatever follows.
        static let secondStar = Flags(rawValue: 1)
        static let minuteStar = Flags(rawValue: 2)
        static let hourStar = Flags(rawValue: 4)
        static let dayStar = Flags(rawValue: 8)
        static let weekdayStar = Flags(rawValue: 16)
        /// Seconds were given: six fields.
        static let hasSeconds = Flags(rawValue: 32)
        static let lastDay = Flags(rawValue: 64)
        static let lastWorkday = Flags(rawValue: 128)
    }

    /// Reads five or six fields at these places of the text.
    init(_ text: [Unicode.Scalar], _ fields: [Range<Int>], seed: UInt64) throws(ScheduleError) {
        var read: [Field: FieldParser.Result] = [:]
        for (field, range) in zip(Field.allCases.suffix(fields.count), fields) {
            var parser = FieldParser(field, text, range, seed: seed)
            read[field] = try parser.parse()
        }
        let (second, day, weekday) = (read[.second], read[.day] ?? .init(), read[.weekday] ?? .init())
        seconds = second?.values ?? 1
        minutes = read[.minute]?.values ?? 0
        hours = UInt32(read[.hour]?.values ?? 0)
        days = UInt32(day.values)
        nearest = day.nearest
        months = UInt16(read[.month]?.values ?? 0)
        weekdays = UInt8(weekday.values)
        lastWeekdays = weekday.last
        ordinals = weekday.ordinal
        flags = []
        for (flag, isSet) in [
            (.secondStar, second?.isStar), (.minuteStar, read[.minute]?.isStar), (.hourStar, read[.hour]?.isStar),
            (.dayStar, day.isStar), (.weekdayStar, weekday.isStar), (.hasSeconds, second != nil),
            (.lastDay, day.isLastDay), (.lastWorkday, day.isLastWorkday),
        ] as [(Flags, Bool?)] where isSet == true {
            flags.insert(flag)
        }
        guard hasAnyDay else { throw impossible(text, fields) }
    }

    /// Whether the job runs at particular times: no `*` begins its hours, minutes or seconds.
    ///
    /// cron(8) makes these jobs up for, once, when the clock jumps forward, and does not repeat them when it jumps back.
    var isFixed: Bool { flags.isDisjoint(with: [.secondStar, .minuteStar, .hourStar]) }

    /// Whether a day has to match both day fields: one of them begins with `*`.
    var needsBothDays: Bool { !flags.isDisjoint(with: [.dayStar, .weekdayStar]) }

    private func impossible(_ text: [Unicode.Scalar], _ fields: [Range<Int>]) -> ScheduleError {
        let place = fields[fields.count - 3].lowerBound
        var words: [String] = []
        for field in fields.suffix(3) {
            words.append(String(String.UnicodeScalarView(text[field])))
        }
        return ScheduleError(
            column: place + 1,
            "no year has such a day: day of the month '\(words[0])', month '\(words[1])', day of the week '\(words[2])'"
        )
    }
}
