/// A calendar rule in words.
struct RuleWords {
    private let rule: CalendarRule
    private let seconds, minutes, hours: [Int]

    init(_ rule: CalendarRule) {
        self.rule = rule
        seconds = WordList.values(rule.seconds)
        minutes = WordList.values(rule.minutes)
        hours = WordList.values(UInt64(rule.hours))
    }

    var text: String {
        let days = DayWords(rule).text
        guard days.isEmpty else { return "\(time) \(days)" }
        return isListOfTimes ? "\(time) every day" : time
    }

    /// Few enough times of the day to list them.
    private var isListOfTimes: Bool { hours.count * minutes.count * seconds.count <= 6 }

    private var time: String {
        if isListOfTimes { return "at \(WordList.join(times))" }
        if rule.seconds == 1 { return minuteWords }
        let second = every(seconds, of: 60, "second")
        guard minutes.count == 60 else { return "\(second), \(everyMinute)" }
        return second + (second.hasPrefix("at ") ? " of every minute" : "") + hourWords("")
    }

    private var times: [String] {
        hours.flatMap { hour in
            minutes.flatMap { minute in
                seconds.map { second in
                    let time = "\(WordList.padded(hour)):\(WordList.padded(minute))"
                    return rule.seconds == 1 ? time : "\(time):\(WordList.padded(second))"
                }
            }
        }
    }

    /// `every 5 minutes`, `at minute 15 of every hour`, `every minute from 09:00 to 17:59`.
    private var minuteWords: String {
        if minutes == [0], let step = whole(hours, of: 24) { return step == 1 ? "every hour" : "every \(step) hours" }
        return everyMinute
    }

    private var everyMinute: String {
        let words = every(minutes, of: 60, "minute")
        return words + hourWords(words.hasPrefix("at ") ? " of every hour" : "")
    }

    /// The hours, behind the minutes; `all` for every hour.
    private func hourWords(_ all: String) -> String {
        guard let first = hours.first, let last = hours.last, hours.count < 24 else { return all }
        if let step = whole(hours, of: 24) { return " of every \(WordList.ordinal(step)) hour from 00:00 on" }
        if hours.count == last - first + 1, all.isEmpty {
            return " from \(WordList.padded(first)):00 to \(WordList.padded(last)):59"
        }
        return " of the hour\(hours.count == 1 ? "" : "s") \(Self.numbers(hours))"
    }

    /// The step of values that go evenly through the whole of an hour or a day.
    private func whole(_ values: [Int], of size: Int) -> Int? {
        guard values.first == 0, values.count > 1, size % values.count == 0 else { return nil }
        let step = size / values.count
        return values == Array(stride(from: 0, to: size, by: step)) ? step : nil
    }

    /// `every minute`, `every 5 minutes`, `at minutes 5, 6 and 9`.
    private func every(_ values: [Int], of size: Int, _ unit: String) -> String {
        if let step = whole(values, of: size) { return step == 1 ? "every \(unit)" : "every \(step) \(unit)s" }
        return "at \(unit)\(values.count == 1 ? "" : "s") \(Self.numbers(values))"
    }

    /// `1, 2 and 5`, `1 to 5`, `each 7th from 0 to 56`.
    static func numbers(_ values: [Int]) -> String {
        if let step = WordList.step(values), step > 1, values.count > 4 {
            return "\(values[0]) to \(values[values.count - 1]) by steps of \(step)"
        }
        return WordList.ranges(values)
    }
}
