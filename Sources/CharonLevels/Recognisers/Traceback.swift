import CharonCore

/// Tracebacks of Python, PHP, Java and Node, and the lines with which compilers and databases explain an error.
enum Traceback {
    /// The first line of a traceback, at `start` behind its indentation.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        switch line.at(start) {
        case "T": line.has("Traceback (most recent call last)", at: start) ? Finding(.error, opening: .python) : nil
        case "F":
            start > 0 && line.has("File \"", at: start)
                && line.lastIndex(of: 0x22, from: start + 6, to: line.count)
                    .map { line.has("\", line ", at: $0) } == true
                ? Finding(.error, opening: .python) : nil
        case "E": line.has("Exception in thread ", at: start) ? Finding(.error) : exceptionGroup(line, start)
        case "[":
            line.has("[previous exception] ", at: start) || line.has("[stacktrace]", at: start) ? Finding(.error) : nil
        case "+": line.has("+ Exception Group Traceback (most", at: start) ? Finding(.error, opening: .python) : nil
        case "D":
            line.has("During handling of the above exception, another exception occurred", at: start)
                ? Finding(.error) : nil
        case "U": line.has("Uncaught ", at: start) ? Finding(.error) : nil
        case "C": line.has("Caused by: ", at: start) ? Finding(.error) : nil
        case "t": line.has("thread '", at: start) && line.contains(Array(" panicked at ".utf8)) ? Finding(.error) : nil
        case let other: other.isLetter && isJavaException(line, start) ? Finding(.error) : nil
        }
    }

    /// Whether the whole line is the name of an exception with its package.
    private static func isJavaException(_ line: Span<UInt8>, _ start: Int) -> Bool {
        guard line.has("Exception", at: line.count - 9) || line.has("Error", at: line.count - 5) else { return false }
        var dots = 0
        for index in start..<line.count {
            if line.at(index) == "." { dots += 1 }
            guard line.at(index).isLetter || line.at(index).isDigit || line.at(index) == "." || line.at(index) == "$"
            else {
                return false
            }
        }
        return dots >= 1
    }

    private static func exceptionGroup(_ line: Span<UInt8>, _ start: Int) -> Finding? {
        line.has("Exception ignored in: ", at: start) ? Finding(.warning) : nil
    }

    /// Whether a line looks like the last one of a Python traceback: the exception's dotted name, and its text.
    static func isPythonException(_ line: Span<UInt8>) -> Bool {
        var end = 0
        while line.at(end).isLetter || line.at(end).isDigit || line.at(end) == "_" || line.at(end) == "." { end += 1 }
        return line.at(0).isLetter
            && (end == line.count || line.at(end) == ":" && (end + 1 == line.count || line.at(end + 1) == " "))
    }

    /// Lines without indentation that explain the error before them.
    static func isDetail(_ line: Span<UInt8>) -> Bool {
        switch line.at(0) {
        case "#": line.at(1).isDigit && line.at(line.skippingDigits(from: 1)) == " "
        case "C": line.has("Caused by: ", at: 0) || line.has("CONTEXT:  ", at: 0)
        case "S": line.has("Stack trace:", at: 0) || line.has("STATEMENT:  ", at: 0) || line.has("Suppressed: ", at: 0)
        case "[": line.has("[stacktrace]", at: 0) || line.has("[previous exception]", at: 0)
        case "\"": line.has("\"} ", at: 0)
        case "P": line.has("PHP Stack trace:", at: 0) || line.has("PHP   ", at: 0)
        case "R": line.has("Require stack:", at: 0)
        case "-": line.has("- /", at: 0)
        case "L": line.has("LINE ", at: 0) && line.at(line.skippingDigits(from: 5)) == ":"
        case "D": line.has("DETAIL:  ", at: 0)
        case "H": line.has("HINT:  ", at: 0)
        case "Q": line.has("QUERY:  ", at: 0)
        default: false
        }
    }

    /// Lines with indentation, which ends at `start`, that explain the error before them.
    static func isIndentedDetail(_ line: Span<UInt8>, _ start: Int) -> Bool {
        switch line.at(start) {
        case ".": return line.has("... ", at: start) && line.has(" more", at: line.skippingDigits(from: start + 4))
        case "C": return line.has("Caused by: ", at: start)
        case "S": return line.has("Suppressed: ", at: start)
        case "f": return line.has("from ", at: start)
        case "t": return line.has("thrown in ", at: start)
        case "-": return line.has("--> ", at: start)
        case "=": return line.has("= note: ", at: start) || line.has("= help: ", at: start)
        case "|": return true
        case "0"..."9":
            let end = line.skippingDigits(from: start)
            return line.has(" |", at: end) || line.has(". {main}", at: end)
                || line.has(". ", at: end) && line.at(0) == " "
        case "^", "~":
            for index in start..<line.count {
                guard line.at(index).isBlank || line.at(index) == "^" || line.at(index) == "~" else { return false }
            }
            return true
        default: return false
        }
    }
}
