import CharonCore

extension Schedule {
    /// The schedule in words: `at 03:15 on Monday to Friday`, `every 5 minutes from 09:00 to 17:59`.
    package func describe() -> String {
        let words =
            switch rule {
            case .calendar(let rule): RuleWords(rule).text
            case .every(let seconds): "every \(TimeSpan.seconds(seconds).description), counted from the last start"
            case .reboot: "once after each boot"
            }
        return zone.map { "\(words), by the clocks of \($0)" } ?? words
    }
}
