import CharonCore
import Glibc

/// The terminal, for what is no answer: errors and questions.
enum Console {
    /// Writes a line to standard error.
    static func error(_ text: String) { write(text + "\n") }

    /// Writes to standard output; ends the program where nobody reads it.
    static func output(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { exit(1) }
        }
    }

    /// Has what was printed to standard output written before what comes on standard error.
    static func flush() { fflush(nil) }

    /// Whether to go on with what changes something: asks on the terminal, unless `--yes` was given.
    ///
    /// Throws if there is nobody to be asked.
    static func mayGoOn(_ question: String, yes: Bool) throws(CharonError) -> Bool {
        if yes { return true }
        guard isatty(0) == 1, isatty(2) == 1 else {
            throw CharonError(.usage, "nothing was done: there is no terminal to ask on; say --yes")
        }
        write(question + " [y/N] ")
        if ["y", "yes"].contains(readLine()?.lowercased()) { return true }
        error("charonctl: nothing was done")
        return false
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
