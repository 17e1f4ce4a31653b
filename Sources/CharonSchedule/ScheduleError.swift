/// Why a text is no schedule, and where.
package struct ScheduleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the mistake begins: 1 is the first Unicode scalar of the text.
    package let column: Int
    /// What is wrong there, and what is allowed.
    package let message: String

    package init(column: Int, _ message: String) {
        self.column = column
        self.message = message
    }

    package var description: String { "column \(column): \(message)" }
}
