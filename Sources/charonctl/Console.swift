import CharonCore
import Glibc

/// The terminal, for what is no answer: errors and questions.
enum Console {
    /// Writes a line to standard error.
    static func error(_ text: String) { write(text + "\n") }

    /// Whether somebody can be asked.
    static var canAsk: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// Asks a question; true only for a yes.
    static func confirms(_ question: String) -> Bool {
        write(question + " [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// A variable of the environment; nil if it is empty.
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
