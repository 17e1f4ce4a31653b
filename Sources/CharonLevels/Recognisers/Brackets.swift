import CharonCore

/// Levels in brackets: `[error]`, `[ WARN ]`, `[core:error]`, `[2024-01-01T00:00:00Z ERROR name]`, `[FAILED]`.
enum Brackets {
    /// The level that the bracket at `start` names.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        var index = line.skippingBlanks(from: start + 1)
        if let end = TimeStamp.end(in: line, at: index) {
            index = end
            while line.at(index).isBlank || line.at(index) == ":" || line.at(index) == "," { index += 1 }
            guard let keyword = Keyword.find(in: line, at: index), keyword.style == .upper else { return nil }
            let next = line.at(keyword.end)
            return next.isBlank || next == "]" || next == "/" ? Finding(keyword.severity) : nil
        }
        if let finding = outcome(line, index) { return finding }
        guard let keyword = Keyword.find(in: line, at: index) else { return last(line, index) }
        return isEnd(line, keyword.end) ? Finding(keyword.severity) : last(line, index)
    }

    /// A keyword behind the name of a module (`core:error`) or in capitals behind others (`DEPRECATION WARNING`).
    private static func last(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        var index = start
        var isUpper = true
        while index - start < 40 {
            let byte = line.at(index)
            if byte == ":" || byte == " " && isUpper {
                if let keyword = Keyword.find(in: line, at: index + 1), isEnd(line, keyword.end) {
                    return Finding(keyword.severity)
                }
            } else {
                guard byte.isLetter || byte.isDigit || byte == "_" || byte == "-" else { return nil }
                isUpper = isUpper && byte.isUpper
            }
            index += 1
        }
        return nil
    }

    private static func outcome(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        switch line.at(start) {
        case "O": line.has("OK", at: start) && isEnd(line, start + 2) ? .success() : nil
        case "S": line.has("SUCCESS", at: start) && isEnd(line, start + 7) ? .success() : nil
        case "F":
            line.has("FAILED", at: start) && isEnd(line, start + 6)
                || line.has("FAIL", at: start) && isEnd(line, start + 4)
                ? Finding(.error) : nil
        default: nil
        }
    }

    private static func isEnd(_ line: Span<UInt8>, _ index: Int) -> Bool {
        line.at(line.skippingBlanks(from: index)) == "]"
    }
}
