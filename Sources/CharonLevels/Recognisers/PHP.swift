import CharonCore

/// PHP's own messages, as its command line and its error log write them.
///
/// The severities are those of Monolog's error handler, but that a parse error is critical too.
enum PHP {
    /// A message at `start`, behind a time stamp if there is one.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        if line.has("PHP ", at: start) { return named(in: line, at: start + 4) ?? trace(in: line, at: start + 4) }
        return named(in: line, at: start)
    }

    private static func named(in line: Span<UInt8>, at start: Int) -> Finding? {
        switch line.at(start) {
        case "F": line.has("Fatal error: ", at: start) ? Finding(.critical) : nil
        case "P": line.has("Parse error: ", at: start) ? Finding(.critical) : nil
        case "R": line.has("Recoverable fatal error: ", at: start) ? Finding(.error) : nil
        case "C": core(in: line, at: start)
        case "W": line.has("Warning: ", at: start) ? Finding(.warning) : nil
        case "U": line.has("User Error: ", at: start) ? Finding(.error) : nil
        case "N": line.has("Notice: ", at: start) ? Finding(.notice) : nil
        case "D": line.has("Deprecated: ", at: start) ? Finding(.notice) : nil
        case "S": line.has("Strict Standards: ", at: start) ? Finding(.notice) : nil
        default: nil
        }
    }

    private static func core(in line: Span<UInt8>, at start: Int) -> Finding? {
        if line.has("Catchable fatal error: ", at: start) { return Finding(.error) }
        if line.has("Core error: ", at: start) || line.has("Compile error: ", at: start) { return Finding(.critical) }
        if line.has("Core warning: ", at: start) || line.has("Compile warning: ", at: start) {
            return Finding(.warning)
        }
        return nil
    }

    /// A trace whose message went elsewhere, or was before what we have seen.
    private static func trace(in line: Span<UInt8>, at start: Int) -> Finding? {
        if line.has("Stack trace:", at: start) { return Finding(.error) }
        let number = line.skippingBlanks(from: start)
        let end = line.skippingDigits(from: number)
        return number > start && end > number && line.has(". ", at: end) ? Finding(.error) : nil
    }
}
