/// A failure that an operator reads: what went wrong and what to do, with a closed code for grouping.
package struct CharonError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure, stable across releases.
    package enum Code: String, Sendable, CaseIterable {
        case usage, configuration, system, record, control, protocolViolation = "protocol", permission, unavailable
    }

    package let code: Code
    /// One sentence for a human, with the remedy.
    package let message: String
    /// Where the mistake is: a file with line and column, a field, a path.
    package let location: String?

    package init(_ code: Code, _ message: String, location: String? = nil) {
        self.code = code
        self.message = message
        self.location = location
    }

    package var description: String { location.map { "\($0): \(message)" } ?? message }
}
