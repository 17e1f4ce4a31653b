import CharonCore

/// Levels that are named by a word at the start of a line: behind indentation, a time stamp, brackets, or names.
///
/// What follows a word decides whether it names a level: `error: text` does, `error: 0` counts, `error.log` is a file.
enum Words {
    /// The level of a line, whose indentation and time stamp end before `start`.
    static func find(in line: Span<UInt8>, at start: Int, isTimed: Bool, _ signs: LineSigns) -> Finding? {
        // Without a colon there is no name before the word.
        if !signs.hasColon, !isTimed, line.at(start).isLetter { return word(line, start, false, isField: false) }
        let colon = signs.hasColon ? line.index(of: Byte.colon, from: start, to: line.count) : nil
        if let finding = head(line, start, isTimed, colon ?? -1) { return finding }
        guard let colon else { return nil }
        return Labels.find(in: line, from: start, colon: colon) ?? SystemErrors.find(in: line, from: start)
    }

    /// Skips what may stand before the word, and looks at each place where it could be.
    ///
    /// Without a colon behind it, a place can hold no name; at `start` itself there is no time stamp.
    private static func head(_ line: Span<UInt8>, _ start: Int, _ isTimed: Bool, _ colon: Int) -> Finding? {
        var index = start
        var isTimed = isTimed
        var isBehindTime = isTimed
        var fields = 0
        for _ in 0..<10 {
            index = skipDecoration(line, index, isTimed)
            let first = line.at(index)
            if first == "[" || first == "(" {
                if first == "[", let finding = Brackets.find(in: line, at: index) { return finding }
                let close: UInt8 = first == "[" ? 0x5D : 0x29
                guard let end = line.index(of: close, from: index, to: index + 80) else { return nil }
                index = end + 1
            } else if index > start, first.isDigit || first.isUpper, let end = TimeStamp.end(in: line, at: index) {
                index = end
                isTimed = true
                isBehindTime = true
                continue
            } else {
                if let finding = word(line, index, isBehindTime, isField: fields > 0) { return finding }
                guard
                    let end = (colon > 0 ? nameEnd(line, index) : nil)
                        ?? (isTimed && fields < 4 ? fieldEnd(line, index) : nil)
                else {
                    return nil
                }
                fields += line.at(end - 1) == ":" ? 0 : 1
                index = end
            }
            isBehindTime = false
        }
        return nil
    }

    /// The level that the word at `index` names.
    private static func word(_ line: Span<UInt8>, _ index: Int, _ isBehindTime: Bool, isField: Bool) -> Finding? {
        if !isField, let finding = Phrases.find(in: line, at: index) { return finding }
        guard let keyword = Keyword.find(in: line, at: index) else { return nil }
        let isNamed =
            switch keyword.style {
            case .upper: isNamed(line, capitalsTo: keyword.end, isBehindTime)
            case .title, .lower: !isField && isNamed(line, keyword, isBehindTime)
            case .mixed: false
            }
        return isNamed ? Finding(keyword.severity) : nil
    }

    /// Whether a word in capitals, which ends before `end`, stands there as a level.
    private static func isNamed(_ line: Span<UInt8>, capitalsTo end: Int, _ isBehindTime: Bool) -> Bool {
        switch line.at(end) {
        case "!", "]", "|": true
        case "/": isBehindTime
        case "[": line.at(end + 1).isDigit
        case ":": !Labels.isValue(line, from: end + 1, isAlone: true)
        case " ", "\t":
            line.at(line.skippingBlanks(from: end)) != "=" && !Labels.isValue(line, from: end, isAlone: true)
        default: end >= line.count
        }
    }

    /// Whether a word in small letters stands there as a level; more is asked of it, because sentences begin so too.
    private static func isNamed(_ line: Span<UInt8>, _ keyword: Keyword.Found, _ isBehindTime: Bool) -> Bool {
        let end = keyword.end
        switch line.at(end) {
        case "!": return true
        case "\t": return isBehindTime
        case "[": return line.has("]: ", at: end + 6)
        case " ":
            if isBehindTime, line.has("  ", at: end) || line.has(" | ", at: end) { return true }
            if line.at(end + 1) == "(" { return isNumbered(line, end + 2) }
            return keyword.severity == .error && Phrases.isSentence(line, behindError: end + 1)
        default: return false
        }
    }

    /// Whether a number in parentheses and a colon follow, as in `Warning (Code 1365): text`.
    private static func isNumbered(_ line: Span<UInt8>, _ start: Int) -> Bool {
        guard let end = line.index(of: 0x29, from: start, to: start + 16) else { return false }
        return line.at(end - 1).isDigit && line.at(end + 1) == ":"
    }

    /// The index behind signs that stand before a text: arrows, asterisks, symbols outside ASCII.
    private static func skipDecoration(_ line: Span<UInt8>, _ start: Int, _ isTimed: Bool) -> Int {
        var index = line.skippingBlanks(from: start)
        guard !line.at(index).isLetter else { return index }
        let signs = index
        while index - signs < 16 {
            switch line.at(index) {
            case "*", "!", "=": index += 1
            case "-", ">": index += 1
            case "|", ":", ",", ";", "#":
                guard isTimed else { return signs }
                index += 1
            case let other where other.value >= 0x80: index += 1
            default:
                guard index > signs else { return signs }
                guard line.at(index).isBlank else { return line.at(index) == "[" ? index : signs }
                return line.skippingBlanks(from: index)
            }
        }
        return signs
    }

    /// The index behind a name and its colon: `git:`, `cron[12]:`, `/usr/bin/ld:`, `file.c:12:3:`, `line 3:`.
    static func nameEnd(_ line: Span<UInt8>, _ start: Int) -> Int? {
        var index = start
        while index - start < 256 {
            while line.at(index).isNameCharacter { index += 1 }
            guard index > start else { return nil }
            switch line.at(index) {
            case ":":
                if line.at(index + 1).isBlank { return index + 1 }
                guard line.at(index + 1).isNameCharacter else { return nil }
            case "[", "(":
                let close: UInt8 = line.at(index) == "[" ? 0x5D : 0x29
                guard let end = line.index(of: close, from: index, to: index + 12) else { return nil }
                index = end
            case " ":
                // Redis writes the process and its role, as in `12:M 22 Nov 2026 …`.
                if line.at(start).isDigit, line.at(index - 1).isUpper, line.at(index - 2) == ":" { return index }
                guard index - start == 4, line.has("line ", at: start), line.at(index + 1).isDigit else { return nil }
            case "+", "@", "#", "~": break
            default: return nil
            }
            index += 1
        }
        return nil
    }

    /// The index behind a field of a log line, as a host, a process id or a logger's name.
    private static func fieldEnd(_ line: Span<UInt8>, _ start: Int) -> Int? {
        var index = start
        while index < line.count, !line.at(index).isBlank {
            guard index - start < 64 else { return nil }
            index += 1
        }
        return index > start && index < line.count ? index : nil
    }
}
