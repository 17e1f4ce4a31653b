/// Where a job is defined: its key in a job file.
package struct JobSource: Hashable, Sendable, CustomStringConvertible {
    /// The path of the file.
    package let file: String
    /// Counted from 1.
    package let line: Int32
    /// In Unicode scalars, counted from 1.
    package let column: Int32

    /// `file:line:column`.
    package var description: String { "\(file):\(line):\(column)" }
}
