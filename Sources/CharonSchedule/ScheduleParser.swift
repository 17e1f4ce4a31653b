import CharonCore

/// Reads what stands around the fields: the zone, the names that begin with `@`, the number of fields.
struct ScheduleParser {
    private let text: [Unicode.Scalar]
    private let words: [Range<Int>]
    private let seed: UInt64

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    init(_ text: String, seed: UInt64) {
        self.text = Array(text.unicodeScalars)
        self.seed = seed
        var words: [Range<Int>] = []
        var start: Int?
        for (index, scalar) in self.text.enumerated() {
            if [" ", "\t", "\n", "\r"].contains(scalar) {
                if let start { words.append(start..<index) }
                start = nil
            } else {
                start = start ?? index
            }
        }
        if let start { words.append(start..<self.text.count) }
        self.words = words
    }

    private func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(text[range])) }

    /// How many scalars of the first word name the variable of the zone, if it does.
    private var zonePrefix: Int? {
        guard let first = words.first else { return nil }
        return ["CRON_TZ=", "TZ="].first { string(first).hasPrefix($0) }?.unicodeScalars.count
    }

    func zone() throws(ScheduleError) -> String? {
        guard let first = words.first, let prefix = zonePrefix else { return nil }
        let name = string(first.dropFirst(prefix))
        guard ZoneName.isValid(name) else {
            throw ScheduleError(
                column: first.lowerBound + prefix + 1, "'\(name)' is no name of a time zone: \(ZoneName.rule)")
        }
        return name
    }

    func rule() throws(ScheduleError) -> Schedule.Rule {
        let words = zonePrefix == nil ? words[...] : words.dropFirst()
        guard let first = words.first, let last = words.last else {
            throw ScheduleError(
                column: text.count + 1, "a schedule is missing here: five fields, or @daily and the like")
        }
        if text[first.lowerBound] == "@" { return try nickname(first, words.dropFirst().first, last) }
        if text[first].contains("="), words.count > 1 {
            throw ScheduleError(column: first.lowerBound + 1, "only CRON_TZ= or TZ= may stand before a schedule")
        }
        guard words.count == 5 || words.count == 6 else {
            let count = words.count == 1 ? "this is one field" : "these are \(words.count) fields"
            throw ScheduleError(
                column: (words.count > 6 ? words[words.startIndex + 6].lowerBound : last.upperBound) + 1,
                "\(count): a schedule has five (minute, hour, day of the month, month, day of the week) or six (seconds "
                    + "first); the command is no part of it")
        }
        return .calendar(try CalendarRule(text, Array(words), seed: seed))
    }

    private func nickname(
        _ first: Range<Int>, _ second: Range<Int>?, _ last: Range<Int>
    ) throws(ScheduleError) -> Schedule.Rule {
        let name = string(first).lowercased()
        if name == "@every" { return try every(first, second, last) }
        if let second { throw ScheduleError(column: second.lowerBound + 1, "nothing may follow \(name)") }
        if name == "@reboot" { return .reboot }
        guard let fields = Self.nicknames[name] else {
            throw ScheduleError(
                column: first.lowerBound + 1,
                "'\(string(first))' is not known: @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, "
                    + "@reboot, or @every with a time as in @every 90s")
        }
        let parser = ScheduleParser(fields, seed: seed)
        return .calendar(try CalendarRule(parser.text, parser.words, seed: seed))
    }

    /// The longest interval that is read: a year.
    private static let longest: Int64 = 366 * 86_400

    private func every(
        _ first: Range<Int>, _ second: Range<Int>?, _ last: Range<Int>
    ) throws(ScheduleError) -> Schedule.Rule {
        guard let second else {
            throw ScheduleError(column: first.upperBound + 1, "after @every comes a time: \(TimeSpan.rule)")
        }
        guard let span = TimeSpan(string(second.lowerBound..<last.upperBound)) else {
            throw ScheduleError(column: second.lowerBound + 1, "this is no time: \(TimeSpan.rule)")
        }
        guard span.milliseconds % 1000 == 0, (1...Self.longest).contains(span.milliseconds / 1000) else {
            throw ScheduleError(column: second.lowerBound + 1, "the time of @every is whole seconds, 1s to 366d")
        }
        return .every(seconds: span.milliseconds / 1000)
    }
}
