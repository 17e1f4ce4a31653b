/// One of the time and date fields of crontab(5), or the seconds before them.
enum Field: Int, CaseIterable {
    case second, minute, hour, day, month, weekday

    /// As crontab(5) calls it.
    var name: String {
        switch self {
        case .second: "second"
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        }
    }

    /// What `*` stands for; both 0 and 7 are Sunday.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// What `H` and `~` choose from: each month has it, and no day of the week counts twice.
    var choice: ClosedRange<Int> {
        switch self {
        case .day: 1...28
        case .weekday: 0...6
        default: range
        }
    }

    /// The names of its values from the first on: January is 1, Sunday 0.
    var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// What is allowed as a value, for messages.
    var rule: String {
        switch self {
        case .month: "1 to 12 or JAN to DEC"
        case .weekday: "0 to 7 or SUN to SAT (0 and 7 are Sunday)"
        default: "\(range.lowerBound) to \(range.upperBound)"
        }
    }
}
