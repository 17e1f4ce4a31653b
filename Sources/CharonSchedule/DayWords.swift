/// The days of a calendar rule in words.
struct DayWords {
    private let rule: CalendarRule

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    init(_ rule: CalendarRule) { self.rule = rule }

    /// `on Monday to Friday`, `on day 1 of the month in January`; empty for all days.
    var text: String {
        let month = monthWords
        if let date = dateOfOneMonth { return date }
        let (byDay, byWeekday) = (dayWords, weekdayWords)
        var words: String
        switch (byDay, byWeekday) {
        case (nil, nil): words = ""
        case (let day?, nil): words = isEitherAlways ? "" : "on \(day) of the month"
        case (nil, let weekday?): words = isEitherAlways ? "" : "on \(weekday)"
        case (let day?, let weekday?) where rule.needsBothDays:
            words = "on \(day) of the month, only if it is \(weekday.replacing(" and ", with: " or "))"
        case (let day?, let weekday?): words = "on \(day) of the month and on \(weekday)"
        }
        if words.isEmpty, !month.isEmpty { words = "every day" }
        return [words, month].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// One of the day fields has all days, and either may match.
    private var isEitherAlways: Bool { !rule.needsBothDays && (allDays || rule.weekdays == 0x7F) }

    private var allDays: Bool { rule.days == 0xFFFF_FFFE }

    private var isPlainDay: Bool {
        rule.nearest == 0 && rule.flags.isDisjoint(with: [.lastDay, .lastWorkday])
    }

    /// `on 1 January`, `on 1 and 15 May`: days of a single month.
    private var dateOfOneMonth: String? {
        guard rule.months.nonzeroBitCount == 1, rule.needsBothDays, rule.weekdays == 0x7F, !allDays, isPlainDay else {
            return nil
        }
        let days = RuleWords.numbers(WordList.values(UInt64(rule.days)))
        return "on \(days) \(Self.months[rule.months.trailingZeroBitCount - 1])"
    }

    private var monthWords: String {
        let values = WordList.values(UInt64(rule.months))
        return values.count == 12 ? "" : "in \(WordList.ranges(values) { Self.months[$0 - 1] })"
    }

    private var dayWords: String? {
        if allDays { return nil }
        var words: [String] = []
        let days = WordList.values(UInt64(rule.days))
        if !days.isEmpty { words.append("day\(days.count == 1 ? "" : "s") \(RuleWords.numbers(days))") }
        for day in WordList.values(UInt64(rule.nearest)) { words.append("the weekday nearest to day \(day)") }
        if rule.flags.contains(.lastWorkday) { words.append("the last weekday") }
        if rule.flags.contains(.lastDay) { words.append("the last day") }
        return WordList.join(words)
    }

    private var weekdayWords: String? {
        if rule.weekdays == 0x7F { return nil }
        var words: [String] = []
        // A week begins on Monday, but where a range goes on from Sunday.
        var days = WordList.values(UInt64(rule.weekdays))
        if days.first == 0, !days.contains(1) { days = days.dropFirst() + [7] }
        if !days.isEmpty { words.append(WordList.ranges(days) { Self.weekdays[$0 % 7] }) }
        for weekday in 0..<7 {
            for n in 1...5 where rule.ordinals >> UInt64(weekday * 5 + n - 1) & 1 != 0 {
                words.append("the \(WordList.ordinal(n)) \(Self.weekdays[weekday]) of the month")
            }
            if rule.lastWeekdays >> UInt8(weekday) & 1 != 0 {
                words.append("the last \(Self.weekdays[weekday]) of the month")
            }
        }
        return WordList.join(words)
    }
}
