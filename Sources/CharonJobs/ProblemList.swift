package import Yams

/// A place in a text: line and column, counted from 1, columns in Unicode scalars.
package struct Position: Hashable, Sendable {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Nil for a node that has no place.
    package init?(_ mark: Mark?) {
        guard let mark else { return nil }
        self.init(line: mark.line, column: mark.column)
    }
}

/// Collects the problems of one file, so that an operator sees all of them at once.
package final class ProblemList {
    /// The path that stands before each problem.
    package let file: String
    /// In the order in which they were found.
    package private(set) var problems: [SettingsError.Problem] = []

    package init(file: String) { self.file = file }

    /// Notes what is wrong at a position; `message` says what is allowed, and repeats no value.
    package func add(_ code: SettingsError.Problem.Code = .value, at position: Position?, _ message: String) {
        problems.append(.init(code, file: file, line: position?.line, column: position?.column, message: message))
    }

    /// In the order of their positions.
    package var sorted: [SettingsError.Problem] {
        problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
    }

    /// Throws if anything was added.
    package func check() throws(SettingsError) {
        guard !problems.isEmpty else { return }
        throw SettingsError(sorted)
    }
}
