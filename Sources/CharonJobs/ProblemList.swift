import Yams

/// A place in a text: line and column, counted from 1, columns in Unicode scalars.
struct Position: Hashable, Sendable {
    let line: Int
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init?(_ mark: Mark?) {
        guard let mark else { return nil }
        self.init(line: mark.line, column: mark.column)
    }
}

/// Collects the problems of one file, so that an operator sees all of them at once.
final class ProblemList {
    let file: String
    private(set) var problems: [SettingsError.Problem] = []

    init(file: String) { self.file = file }

    func add(_ code: SettingsError.Problem.Code = .value, at position: Position?, _ message: String) {
        problems.append(.init(code, file: file, line: position?.line, column: position?.column, message: message))
    }

    /// In the order of their positions.
    var sorted: [SettingsError.Problem] {
        problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
    }

    /// Throws if anything was added.
    func check() throws(SettingsError) {
        guard !problems.isEmpty else { return }
        throw SettingsError(sorted)
    }
}
