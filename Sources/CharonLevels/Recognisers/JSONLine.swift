import CharonCore

/// A log record as one JSON object on one line.
///
/// Names of levels are those of `Keyword`, in any case. A number says little by itself, so it counts only where the
/// object has a message or a time too, and by its size: 0 to 7 are syslog's severities, the tens from 10 to 60 bunyan's
/// and pino's (30 is info), the hundreds from 100 to 600 Monolog's. `levelno` is Python's (30 is warning).
enum JSONLine {
    /// What is known of the object so far.
    private struct Record {
        var number: Severity?
        var isMessage = false
    }

    /// Reads the object that begins at `start`; only its own members count, not those of objects within.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        var record = Record()
        var index = start + 1
        while true {
            index = skipSeparators(line, index)
            guard line.at(index) == "\"", let end = stringEnd(line, index) else { break }
            let key = index + 1..<end
            index = skipBlanks(line, end + 1)
            guard line.at(index) == ":" else { break }
            let value = skipBlanks(line, index + 1)
            guard let next = valueEnd(line, value) else {
                // A line that was cut within a value can have named its level before.
                break
            }
            if let severity = member(line, key, value..<next, &record) { return Finding(severity) }
            index = next
        }
        return record.isMessage ? record.number.map { Finding($0) } : nil
    }

    /// Takes one member; the severity if it names one beyond doubt.
    private static func member(
        _ line: Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>, _ record: inout Record
    ) -> Severity? {
        guard key.count <= 13 else { return nil }
        switch line.at(key.lowerBound) {
        case "l", "s", "L":
            guard isLevel(line, key) else { return message(line, key, &record) }
            if line.at(value.lowerBound) == "\"" {
                return Keyword.severity(of: line.extracting(value.lowerBound + 1..<value.upperBound - 1))
            }
            let number = number(line, value)
            let isPython = line.has("levelno\"", at: key.lowerBound)
            record.number = record.number ?? number.flatMap { isPython ? pythonSeverity($0) : severity($0) }
            return nil
        case "P":
            // The journal's own export holds numbers as strings.
            guard line.has("PRIORITY\"", at: key.lowerBound), value.count == 3 else { return nil }
            return number(line, value.lowerBound + 1..<value.upperBound - 1).flatMap(severity)
        default: return message(line, key, &record)
        }
    }

    private static func message(_ line: Span<UInt8>, _ key: Range<Int>, _ record: inout Record) -> Severity? {
        switch line.at(key.lowerBound) {
        case "m":
            record.isMessage =
                record.isMessage || line.has("msg\"", at: key.lowerBound)
                || line.has("message\"", at: key.lowerBound)
        case "s": record.isMessage = record.isMessage || line.has("short_message\"", at: key.lowerBound)
        case "t":
            record.isMessage =
                record.isMessage || line.has("time\"", at: key.lowerBound)
                || line.has("ts\"", at: key.lowerBound) || line.has("timestamp\"", at: key.lowerBound)
        case "@": record.isMessage = record.isMessage || line.has("@timestamp\"", at: key.lowerBound)
        case "d": record.isMessage = record.isMessage || line.has("datetime\"", at: key.lowerBound)
        default: break
        }
        return nil
    }

    private static func isLevel(_ line: Span<UInt8>, _ key: Range<Int>) -> Bool {
        let start = key.lowerBound
        return line.has("level\"", at: start) || line.has("severity\"", at: start) || line.has("lvl\"", at: start)
            || line.has("log.level\"", at: start) || line.has("levelname\"", at: start)
            || line.has("level_name\"", at: start) || line.has("levelno\"", at: start)
            || line.has("loglevel\"", at: start) || line.has("logLevel\"", at: start)
            || line.has("severityText\"", at: start) || line.has("Level\"", at: start)
            || line.has("LogLevel\"", at: start)
    }

    private static func severity(_ number: Int) -> Severity? {
        switch number {
        case 0...7: Severity(rawValue: UInt8(number))
        case 10, 20: .debug
        case 30: .info
        case 40: .warning
        case 50: .error
        case 60: .critical
        default: Monolog.severity(number)
        }
    }

    private static func pythonSeverity(_ number: Int) -> Severity? {
        switch number {
        case 10: .debug
        case 20: .info
        case 30: .warning
        case 40: .error
        case 50: .critical
        default: nil
        }
    }

    private static func number(_ line: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...3).contains(range.count) else { return nil }
        var number = 0
        for index in range {
            guard line.at(index).isDigit else { return nil }
            number = number * 10 + Int(line.at(index).value) - 0x30
        }
        return number
    }

    /// The index behind a value: a string, an object or array with all that is in it, a number or word.
    private static func valueEnd(_ line: Span<UInt8>, _ start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < line.count {
            switch line.at(index) {
            case "\"":
                guard let end = stringEnd(line, index) else { return nil }
                index = end
                if depth == 0 { return index + 1 }
            case "{", "[": depth += 1
            case "}", "]":
                depth -= 1
                if depth <= 0 { return depth == 0 ? index + 1 : index }
            case ",", " ": if depth == 0 { return index }
            default: break
            }
            index += 1
        }
        return depth == 0 ? index : nil
    }

    /// The index of the quote that ends the string whose first quote is at `start`.
    private static func stringEnd(_ line: Span<UInt8>, _ start: Int) -> Int? {
        var index = start + 1
        while index < line.count {
            switch line.at(index) {
            case "\"": return index
            case "\\": index += 2
            default: index += 1
            }
        }
        return nil
    }

    private static func skipBlanks(_ line: Span<UInt8>, _ start: Int) -> Int { line.skippingBlanks(from: start) }

    private static func skipSeparators(_ line: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while line.at(index).isBlank || line.at(index) == "," { index += 1 }
        return index
    }
}
