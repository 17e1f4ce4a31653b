/// Everything that is wrong with a configuration, in the order of its positions.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One mistake: where it is, what is wrong, and what is allowed.
    ///
    /// Keys are quoted in messages, values never: a value in the wrong place may be a secret.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// What kind of mistake it is, in the words that `charonctl check` groups by.
        package enum Code: String, Hashable, Sendable, CaseIterable {
            /// The text is no YAML, or uses of it what is not taken here.
            case yaml = "invalid-yaml"
            /// A key that does not exist in its place.
            case unknownKey = "unknown-key"
            /// A key that a mapping has twice.
            case duplicateKey = "duplicate-key"
            /// A slug that two jobs have.
            case duplicateJob = "duplicate-job"
            /// A key that is required.
            case missingKey = "missing-key"
            /// A value that its key does not take.
            case value = "invalid-value"
            /// A text that is no schedule.
            case schedule = "invalid-schedule"
            /// A zone that tzdata does not have.
            case zone = "unknown-zone"
            /// A job of the host's daemon that says of no user that it is his.
            case user = "no-user"
            /// A file or directory that cannot be opened or read.
            case file = "unreadable-file"
            /// A file or directory that others could have written.
            case trust = "untrusted-file"
        }

        /// The kind of mistake.
        package let code: Code
        /// The path as it was given.
        package let file: String
        /// Counted from 1; nil if the mistake is the file itself, such as its mode.
        package let line: Int?
        /// In Unicode scalars, counted from 1; nil where `line` is.
        package let column: Int?
        /// What is wrong, with what is allowed or to be done.
        package let message: String

        package init(_ code: Code = .value, file: String, line: Int? = nil, column: Int? = nil, message: String) {
            self.code = code
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
