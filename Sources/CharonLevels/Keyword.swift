import CharonCore

/// The words that loggers and programs call their levels by.
///
/// They are compared without regard to case, as numbers: sixteen letters fit in two.
struct Keyword: Sendable {
    /// How a word was written.
    enum Style { case upper, title, lower, mixed }

    /// The keyword, its severity, and how it stood in the line.
    struct Found {
        let severity: Severity
        let style: Style
        /// The index behind the word.
        let end: Int
    }

    /// The first eight letters, and those behind them, as numbers.
    private let head: UInt64
    private let tail: UInt64
    private let severity: Severity

    /// The keyword that is the whole run of letters at `start`.
    static func find(in line: Span<UInt8>, at start: Int) -> Found? {
        // Most words of ordinary lines end here.
        guard isBeginning(line.at(start), line.at(start + 1), line.at(start + 2)) else { return nil }
        return whole(in: line, at: start)
    }

    /// Whether a keyword of `table` begins with these three letters.
    @inline(__always)
    private static func isBeginning(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar) -> Bool
    {
        let (second, third) = (second.lowered, third.lowered)
        return switch first.lowered {
        case "a": second == "l" && third == "e"
        case "c": second == "r" && third == "i" || second == "a" && third == "u"
        case "d": second == "e" && third == "b" || second == "b" && (third == "g" || third == "u")
        case "e": second == "r" && (third == "r" || third == "o") || second == "m" && third == "e"
        case "f": second == "a" && third == "t" || second == "t" && third == "l"
        case "h": second == "i" && third == "n"
        case "i": second == "n" && third == "f"
        case "n": second == "o" && third == "t"
        case "p": second == "a" && third == "n" || second == "n" && third == "c"
        case "s": second == "e" && third == "v"
        case "t": second == "r" && (third == "a" || third == "c")
        case "v": second == "e" && third == "r"
        case "w": second == "a" && third == "r" || second == "r" && third == "n"
        default: false
        }
    }

    private static func whole(in line: Span<UInt8>, at start: Int) -> Found? {
        let first = line.at(start)
        let initial = Int(first.value | 0x20) - 0x61
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var capitals = 0
        var end = start
        while case let letter = line.at(end), letter.isLetter {
            guard end - start < 16 else { return nil }
            // Bit 5 tells small letters from capitals.
            capitals += Int(~letter.value >> 5 & 1)
            if end - start == 8 {
                tail = head
                head = 0
            }
            head = head << 8 | UInt64(letter.value | 0x20)
            end += 1
        }
        if end - start > 8 { swap(&head, &tail) }
        for keyword in all[initial] where keyword.head == head && keyword.tail == tail {
            let style: Style =
                switch capitals {
                case 0: .lower
                case end - start: .upper
                case 1 where first.isUpper: .title
                default: .mixed
                }
            return Found(severity: keyword.severity, style: style, end: end)
        }
        return nil
    }

    /// The severity that `word` names, as a value of a field.
    static func severity(of word: Span<UInt8>) -> Severity? {
        guard let found = find(in: word, at: 0), found.end == word.count else { return nil }
        return found.severity
    }

    /// The keywords by their first letters.
    private static let all: [[Keyword]] = (UInt8(0x61)...0x7A).map { initial in
        table.filter { $0.0.utf8.first == initial }.map { text, severity in
            Keyword(
                head: text.utf8.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                tail: text.utf8.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }, severity: severity)
        }
    }

    private static let table: [(String, Severity)] = [
        ("error", .error), ("warning", .warning), ("warn", .warning), ("info", .info),
        ("fatal", .critical), ("critical", .critical), ("notice", .notice), ("debug", .debug),
        ("err", .error), ("eror", .error), ("erro", .error), ("wrn", .warning), ("inf", .info),
        ("dbg", .debug), ("debu", .debug), ("dbug", .debug), ("ftl", .critical), ("fata", .critical),
        ("crit", .critical), ("emerg", .emergency), ("emergency", .emergency), ("alert", .alert),
        ("panic", .critical), ("pani", .critical), ("pnc", .critical), ("severe", .error),
        ("information", .info), ("informational", .info), ("trace", .debug), ("trce", .debug),
        ("trc", .debug), ("verbose", .debug), ("note", .notice), ("hint", .notice), ("caution", .warning),
    ]
}
