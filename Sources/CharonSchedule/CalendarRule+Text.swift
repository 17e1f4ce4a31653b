extension CalendarRule: CustomStringConvertible {
    /// The rule as five or six fields in digits; what is read back from it is the same rule.
    var description: String {
        var fields = flags.contains(.hasSeconds) ? [text(seconds, .second, flags.contains(.secondStar))] : []
        fields.append(text(minutes, .minute, flags.contains(.minuteStar)))
        fields.append(text(UInt64(hours), .hour, flags.contains(.hourStar)))
        fields.append(dayText)
        fields.append(text(UInt64(months), .month, months == 0x1FFE))
        fields.append(weekdayText)
        return fields.joined(separator: " ")
    }

    private var dayText: String {
        var terms = days == 0 ? [] : [text(UInt64(days), .day, flags.contains(.dayStar))]
        for day in 1...31 where nearest >> UInt32(day) & 1 != 0 { terms.append("\(day)W") }
        if flags.contains(.lastWorkday) { terms.append("LW") }
        if flags.contains(.lastDay) { terms.append("L") }
        return terms.joined(separator: ",")
    }

    private var weekdayText: String {
        var terms = weekdays == 0 ? [] : [text(UInt64(weekdays), .weekday, flags.contains(.weekdayStar))]
        for weekday in 0..<7 {
            for n in 1...5 where ordinals >> UInt64(weekday * 5 + n - 1) & 1 != 0 { terms.append("\(weekday)#\(n)") }
            if lastWeekdays >> UInt8(weekday) & 1 != 0 { terms.append("\(weekday)L") }
        }
        return terms.joined(separator: ",")
    }

    /// A field's values; whether it begins with `*` has a meaning of its own and is kept.
    private func text(_ values: UInt64, _ field: Field, _ isStar: Bool) -> String {
        let range = field.range.lowerBound...(field == .weekday ? 6 : field.range.upperBound)
        guard isStar else { return Self.list(values) }
        for step in 1...range.count {
            let stepped = stride(from: range.lowerBound, through: range.upperBound, by: step)
                .reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
            guard stepped & ~values == 0 else { continue }
            let rest = values & ~stepped
            return (step == 1 ? "*" : "*/\(step)") + (rest == 0 ? "" : "," + Self.list(rest))
        }
        return Self.list(values)
    }

    /// Values as a list with ranges, or as one range with a step.
    private static func list(_ values: UInt64) -> String {
        let all = (0..<64).filter { values >> UInt64($0) & 1 != 0 }
        if all.count > 2, let first = all.first, let last = all.last {
            let step = all[1] - first
            if step > 1, all == Array(stride(from: first, through: last, by: step)) {
                return "\(first)-\(last)/\(step)"
            }
        }
        var runs: [ClosedRange<Int>] = []
        for value in all {
            if let run = runs.last, run.upperBound + 1 == value {
                runs[runs.count - 1] = run.lowerBound...value
            } else {
                runs.append(value...value)
            }
        }
        let terms = runs.flatMap { run in
            run.count > 2 ? ["\(run.lowerBound)-\(run.upperBound)"] : run.map { String($0) }
        }
        return terms.joined(separator: ",")
    }
}

extension Schedule: CustomStringConvertible {
    /// The canonical text: names as numbers, `H` and `~` as what they stand for, `@daily` as its fields.
    ///
    /// What is read back from it is the same schedule.
    package var description: String {
        let zone = zone.map { "CRON_TZ=\($0) " } ?? ""
        return switch rule {
        case .calendar(let rule): zone + rule.description
        case .every(let seconds): zone + "@every \(seconds)s"
        case .reboot: zone + "@reboot"
        }
    }
}
