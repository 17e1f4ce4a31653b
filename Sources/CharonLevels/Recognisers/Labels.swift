import CharonCore

/// Levels that are a label before a colon: `error: text`, `git: fatal: text`, `rsync error: text`, `ValueError: text`.
///
/// The label must be a text between two colons, or from the start of the line: up to three words, of which the last is
/// the keyword. What follows must not be the value of a counter or a setting.
enum Labels {
    /// How far into a line labels are looked for.
    private static let reach = 200

    /// The level of the first label behind `start`, where `colon` is the first colon.
    static func find(in line: Span<UInt8>, from start: Int, colon: Int) -> Finding? {
        let end = min(line.count, start + reach)
        var segment = start
        var colon = colon
        while colon < end {
            if let finding = label(line, segment, colon) { return finding }
            segment = colon + 1
            guard let next = line.index(of: 0x3A, from: segment, to: end) else { return nil }
            colon = next
        }
        return nil
    }

    /// The level that the label between `start` and the colon names.
    private static func label(_ line: Span<UInt8>, _ start: Int, _ colon: Int) -> Finding? {
        guard line.at(colon - 1).isLetter else { return nil }
        var word = colon
        while word > start, line.at(word - 1).isLetter { word -= 1 }
        guard let found = keyword(line, word, colon) else { return nil }
        let next = line.at(colon + 1)
        let isTight = !next.isBlank && colon + 1 < line.count
        // `ERROR:root:text` of Python, and the fields of OpenSSL's `12:error:0A00:text`.
        guard !isTight || next != ":" && (found.isUpper || line.at(word - 1) == ":" || next.isLower) else { return nil }
        guard let words = words(line, start, word), words > 0 || !isTight || !next.isLower || found.isUpper else {
            return nil
        }
        guard words == 0 || found.severity == .error || found.severity == .warning || found.severity == .critical else {
            return nil
        }
        guard found.isClass || !isValue(line, from: colon + 1, isAlone: words == 0) else { return nil }
        return Finding(found.severity, opening: found.isClass && found.severity == .warning ? .pythonWarning : .details)
    }

    private struct Word {
        let severity: Severity
        var isUpper = false
        /// The name of a class of exceptions or warnings.
        var isClass = false
    }

    /// A keyword, or the name of a class that ends in one.
    private static func keyword(_ line: Span<UInt8>, _ start: Int, _ colon: Int) -> Word? {
        if let keyword = Keyword.find(in: line, at: start), keyword.end == colon {
            return keyword.style == .mixed ? nil : Word(severity: keyword.severity, isUpper: keyword.style == .upper)
        }
        guard line.at(start).isUpper, colon - start > 5 else { return nil }
        if line.has("Error", at: colon - 5) || line.has("Exception", at: colon - 9) {
            return Word(severity: .error, isClass: true)
        }
        if line.has("Warning", at: colon - 7) { return Word(severity: .warning, isClass: true) }
        return nil
    }

    /// How many words stand before the keyword in its label; nil if they make it none.
    private static func words(_ line: Span<UInt8>, _ start: Int, _ keyword: Int) -> Int? {
        var words = 0
        var index = keyword
        var end = keyword
        while index > start {
            let byte = line.at(index - 1)
            if byte == "]" || byte == ")" || byte == "|" {
                guard line.at(index).isBlank else { return nil }
                break
            }
            if byte.isBlank {
                if index < end, isNegative(line, index, end) { return nil }
                end = index - 1
            } else {
                guard isPartOfLabel(byte) else { return nil }
                // What touches the keyword makes it a part of another word, but for the name of a class.
                guard index < keyword || byte == "." || byte == "\\" else { return nil }
                if index == end { words += 1 }
            }
            index -= 1
        }
        if index < end, isNegative(line, index, end) { return nil }
        return words <= 3 ? words : nil
    }

    private static func isPartOfLabel(_ byte: Unicode.Scalar) -> Bool {
        byte.isNameCharacter || byte == "\\" || byte == "*" || byte == "!" || byte == ">" || byte == "=" || byte == "'"
    }

    /// Words that say that there is no error, how many there are, or that one was mended.
    private static func isNegative(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        switch (line.at(start), end - start) {
        case ("N", 2), ("n", 2): line.at(start + 1) == "o"
        case ("0", 1): true
        case ("w", 7), ("W", 7): line.has("ithout", at: start + 1)
        case ("l", 4), ("L", 4): line.has("ast", at: start + 1)
        case ("m", 3), ("M", 3): line.has("ax", at: start + 1)
        case ("t", 3), ("T", 3): line.has("he", at: start + 1)
        case ("f", 3...5), ("F", 3...5): line.has("ix", at: start + 1)
        default: false
        }
    }

    /// Whether what follows a label is the value of a counter or a setting, as in `error: 0`, `Warning: none`.
    static func isValue(_ line: Span<UInt8>, from start: Int, isAlone: Bool) -> Bool {
        let value = line.skippingBlanks(from: start)
        var end = line.count
        while end > value, line.at(end - 1).isBlank || line.at(end - 1) == "," { end -= 1 }
        guard value < end else { return false }
        if line.at(value).isDigit || line.at(value) == "-" && line.at(value + 1).isDigit {
            var index = value + 1
            while line.at(index).isDigit || line.at(index) == "." { index += 1 }
            if line.at(index) == "%" { index += 1 }
            return index >= end || line.at(index) == "," || line.at(value) == "0" && line.at(value + 1).isBlank
                || !isAlone && line.at(index).isBlank
        }
        switch end - value {
        case 1: return line.has("-", at: value)
        case 2:
            return line.has("no", at: value) || line.has("on", at: value) || line.has("[]", at: value)
                || line.has("{}", at: value) || line.has("\"\"", at: value)
        case 3: return line.has("nil", at: value) || line.has("off", at: value) || line.has("n/a", at: value)
        case 4:
            return line.has("none", at: value) || line.has("None", at: value) || line.has("null", at: value)
                || line.has("true", at: value)
        case 5: return line.has("false", at: value)
        default: return false
        }
    }
}
