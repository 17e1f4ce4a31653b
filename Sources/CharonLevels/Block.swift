/// Lines of one stream that belong together: a first line that names its level, and those that follow from it.
///
/// It ends with the first line that does not belong.
struct Block: Hashable, Sendable {
    /// What the first line was, which tells how the next ones look.
    enum Kind: Hashable, Sendable {
        /// Any error or warning: frames of a stack, causes, details, source lines with carets.
        case details
        /// A Python traceback, up to the line of its exception.
        case python
        /// A Python warning, which shows one indented line of source.
        case pythonWarning
        /// A block of Symfony's console, whose lines are indented this far.
        case symfony(indentation: Int)
        /// A block of Symfony's console, each line of which begins with ` ! `.
        case symfonyMarked
        /// Symfony's box around the message of an exception.
        case symfonyBox
    }

    /// Whether a line belongs to the block.
    enum Answer { case belongs, endsIt, doesNot }

    private let kind: Kind
    /// Inside the object that Node prints behind the frames of an error.
    private var isInObject = false

    init(_ kind: Kind) { self.kind = kind }

    /// Whether `line` belongs, without what a terminal would not show.
    mutating func answer(_ line: Span<UInt8>) -> Answer {
        let start = line.skippingBlanks(from: 0)
        switch kind {
        case .details: return details(line, start) ? .belongs : .doesNot
        case .python:
            // Loguru sets frames apart with empty lines, and marks the one that caught.
            if start > 0 || line.isEmpty || line.has("> File \"", at: 0) { return .belongs }
            return Traceback.isPythonException(line) ? .endsIt : .doesNot
        case .pythonWarning: return start > 0 && start < line.count ? .endsIt : .doesNot
        case .symfony(let indentation):
            return start >= indentation || start > 0 && start == line.count ? .belongs : .doesNot
        case .symfonyMarked: return line.has(" !", at: 0) ? .belongs : .doesNot
        case .symfonyBox: return start >= 2 || line.has("Exception trace:", at: 0) ? .belongs : .doesNot
        }
    }

    private mutating func details(_ line: Span<UInt8>, _ start: Int) -> Bool {
        if isInObject {
            isInObject = !line.has("}", at: 0)
            return start > 0 || !isInObject
        }
        if start > 0, line.has("at ", at: start) {
            isInObject = line.has(" {", at: line.count - 2)
            return true
        }
        return start > 0 ? Traceback.isIndentedDetail(line, start) : Traceback.isDetail(line)
    }
}
