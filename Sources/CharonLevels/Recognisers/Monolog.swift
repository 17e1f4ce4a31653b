import CharonCore

/// Monolog's line form: `[2024-01-01T00:00:00.000000+00:00] channel.LEVEL: text`.
enum Monolog {
    /// The level of a line that begins with a time in brackets, which ends before `start`.
    static func find(in line: Span<UInt8>, behindTime start: Int) -> Finding? {
        guard line.at(start) == " " else { return nil }
        var end = start + 1
        var dot = start
        while line.at(end).isNameCharacter {
            if line.at(end) == "." { dot = end }
            end += 1
        }
        guard dot > start, line.at(end) == ":", line.at(dot + 1).isUpper,
            let keyword = Keyword.find(in: line, at: dot + 1), keyword.end == end, keyword.style == .upper
        else { return nil }
        return Finding(keyword.severity)
    }

    /// The severity of one of the numbers 100 to 600 of Monolog's `Level`.
    static func severity(_ number: Int) -> Severity? {
        switch number {
        case 100: .debug
        case 200: .info
        case 250: .notice
        case 300: .warning
        case 400: .error
        case 500: .critical
        case 550: .alert
        case 600: .emergency
        default: nil
        }
    }
}
