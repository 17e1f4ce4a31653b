/// Everything that is wrong with a configuration, in the order of its positions.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One mistake: where it is, what is wrong, and what is allowed.
    ///
    /// Keys are quoted in messages, values never: a value in the wrong place may be a secret.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// The path as it was given.
        package let file: String
        /// Counted from 1; nil if the mistake is the file itself, such as its mode.
        package let line: Int?
        /// In Unicode scalars, counted from 1; nil where `line` is.
        package let column: Int?
        /// What is wrong, with what is allowed or to be done.
        package let message: String

        package init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        /// `file:line:column: message`, the form that compilers use and editors jump to.
        package var description: String {
            [file, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(separator: ":")
                + ": \(message)"
        }
    }

    /// In the order of their positions; never empty.
    package let problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }

    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
