import CharonCore

/// Forms of single programs that name a level without one of the common words, or without its common punctuation.
enum Phrases {
    /// The level of the phrase at `start`.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        switch line.at(start) {
        case "A": line.has("Aborted", at: start) && isEnd(line, start + 7) ? Finding(.error) : nil
        case "C": capitalC(line, start)
        case "E": capitalE(line, start) ?? letter(line, start, .error)
        case "F": failure(line, start) ?? letter(line, start, .critical)
        case "I": letter(line, start, .info)
        case "W": letter(line, start, .warning)
        case "N": line.has("N: ", at: 0) ? Finding(.notice) : nil
        case "D": letter(line, start, .debug)
        case "L": line.has("LOG:  ", at: start) ? Finding(.info) : nil
        case "O": line.has("Out of memory", at: start) ? Finding(.critical) : nil
        case "S": line.has("Segmentation fault", at: start) ? Finding(.critical) : nil
        case "U": line.has("Unable to ", at: start) ? Finding(.error) : nil
        case "b": line.has("bash: line ", at: start) ? Finding(.error) : nil
        case "c": line.has("curl: (", at: start) && line.at(start + 7).isDigit ? Finding(.error) : nil
        case "d": line.has("debug", at: start) && line.has(": ", at: start + 6) ? Finding(.debug) : nil
        case "m": line.has("make", at: start) ? make(line, start) : nil
        case "n": line.has("npm ", at: start) ? npm(line, start + 4) : nil
        case "t":
            line.has("tar: Exiting with failure status", at: start)
                || line.has("terminate called ", at: start) ? Finding(.error) : nil
        default: nil
        }
    }

    /// Whether words behind `Error ` tell of one that happened, as in `Error opening file`, `Error while loading`.
    static func isSentence(_ line: Span<UInt8>, behindError start: Int) -> Bool {
        let end = line.skippingLetters(from: start)
        guard line.at(start).isLower, end - start >= 2, line.at(end) == " " || end == line.count else { return false }
        if line.has("ing", at: end - 3) {
            return !line.has("handling", at: start) && !line.has("logging", at: start)
                && !line.has("reporting", at: start) && !line.has("tracking", at: start)
        }
        return line.has("while ", at: start) || line.has("in ", at: start) || line.has("during ", at: start)
            || line.has("when ", at: start) || line.has("from ", at: start) || line.has("response ", at: start)
            || line.has("occurred", at: start) || line.has("at ", at: start)
    }

    private static func capitalC(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        if line.has("CMake Error", at: start) || line.has("CONFLICT (", at: start) { return Finding(.error) }
        if line.has("Could not ", at: start) || line.has("Cannot ", at: start) { return Finding(.error) }
        return line.has("CMake Warning", at: start) ? Finding(.warning) : nil
    }

    private static func capitalE(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        if line.has("Err:", at: start), line.at(start + 4).isDigit { return Finding(.error) }
        if line.has("ERRORS!", at: start), isEnd(line, start + 7) { return Finding(.error) }
        return line.has("Errors were encountered", at: start) ? Finding(.error) : nil
    }

    private static func failure(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        if line.has("FAILURES!", at: start), isEnd(line, start + 9) { return Finding(.error) }
        if line.has("FAILED ", at: start) || line.has("FAIL: ", at: start) { return Finding(.error) }
        return line.has("Failed to ", at: start) ? Finding(.error) : nil
    }

    /// `E: text` of apt at the start of a line, `E, [2024-…` of Ruby, `E0102 15:04:05.` of glog and klog.
    private static func letter(_ line: Span<UInt8>, _ start: Int, _ severity: Severity) -> Finding? {
        if line.at(start + 1) == ":" { return start == 0 && line.at(2) == " " ? Finding(severity) : nil }
        if line.has(", [20", at: start + 1) { return Finding(severity) }
        guard line.at(start + 1).isDigit, line.skippingDigits(from: start + 1) == start + 5,
            line.at(start + 5) == " ", line.at(start + 8) == ":", line.at(start + 11) == ":"
        else { return nil }
        return Finding(severity)
    }

    /// `make: *** [Makefile:2: all] Error 1`, `make: [Makefile:2: all] Error 1 (ignored)`.
    private static func make(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        guard let colon = line.index(of: 0x3A, from: start + 4, to: start + 16) else { return nil }
        if line.has(": *** ", at: colon) { return Finding(.error) }
        return line.has(": [", at: colon) && line.has("(ignored)", at: line.count - 9) ? Finding(.warning) : nil
    }

    private static func npm(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        if line.has("ERR! ", at: start) || line.has("error ", at: start) { return Finding(.error) }
        if line.has("WARN ", at: start) || line.has("warn ", at: start) { return Finding(.warning) }
        return line.has("notice", at: start) ? Finding(.notice) : nil
    }

    private static func isEnd(_ line: Span<UInt8>, _ index: Int) -> Bool {
        index >= line.count || line.at(index) == " " || line.at(index) == "."
    }
}
