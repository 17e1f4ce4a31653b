import CharonCore

/// The words that loggers and programs call their levels by.
///
/// They are compared without regard to case, as numbers: sixteen letters fit in one.
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

    private let word: UInt128
    private let severity: Severity

    /// The longest word that is looked at.
    static let longest = 13

    /// The keyword that is the whole run of letters at `start`.
    static func find(in line: Span<UInt8>, at start: Int) -> Found? {
        let first = line.at(start)
        guard first.isLetter, isInitial(first) else { return nil }
        var word: UInt128 = 0
        var uppers = 0
        var end = start
        while line.at(end).isLetter {
            guard end - start < longest else { return nil }
            if line.at(end).isUpper { uppers += 1 }
            word = word << 8 | UInt128(line.at(end).value | 0x20)
            end += 1
        }
        guard end - start >= 3, let keyword = all.first(where: { $0.word == word }) else { return nil }
        let style: Style =
            if uppers == end - start { .upper } else if uppers == 0 { .lower } else if uppers == 1, first.isUpper {
                .title
            } else { .mixed }
        return Found(severity: keyword.severity, style: style, end: end)
    }

    /// The severity that `word` names, as a value of a field.
    static func severity(of word: Span<UInt8>) -> Severity? {
        guard let found = find(in: word, at: 0), found.end == word.count else { return nil }
        return found.severity
    }

    /// Whether some keyword begins with this letter; most words of ordinary lines end here.
    private static func isInitial(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "A", "a", "C", "c", "D", "d", "E", "e", "F", "f", "I", "i": true
        case "N", "n", "P", "p", "S", "s", "T", "t", "V", "v", "W", "w": true
        default: false
        }
    }

    private static let all: [Keyword] = table.map { text, severity in
        Keyword(word: text.utf8.reduce(0) { $0 << 8 | UInt128($1) }, severity: severity)
    }

    private static let table: [(String, Severity)] = [
        ("error", .error), ("warning", .warning), ("warn", .warning), ("info", .informational),
        ("fatal", .critical), ("critical", .critical), ("notice", .notice), ("debug", .debug),
        ("err", .error), ("eror", .error), ("erro", .error), ("wrn", .warning), ("inf", .informational),
        ("dbg", .debug), ("debu", .debug), ("dbug", .debug), ("ftl", .critical), ("fata", .critical),
        ("crit", .critical), ("emerg", .emergency), ("emergency", .emergency), ("alert", .alert),
        ("panic", .critical), ("pani", .critical), ("pnc", .critical), ("severe", .error),
        ("information", .informational), ("informational", .informational), ("trace", .debug), ("trce", .debug),
        ("trc", .debug), ("verbose", .debug), ("note", .notice), ("caution", .warning),
    ]
}
