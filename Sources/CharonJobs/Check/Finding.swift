package import CharonCore

/// Something about job files that an operator should know before it happens.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable {
        /// The job is refused, or cannot run as it is.
        case error
        /// It runs, and may not do what is meant.
        case warning
    }

    /// What kind of finding, a word that stays the same across releases.
    package let code: String
    /// How bad it is.
    package let severity: Severity
    /// The job; nil for what is no job's.
    package let slug: Slug?
    /// The file.
    package let file: String
    /// Counted from 1; nil if it is the file as a whole.
    package let line: Int?
    /// In Unicode scalars, counted from 1; nil where `line` is.
    package let column: Int?
    /// What it is and what to do about it.
    package let message: String

    /// `file:line:column: severity: message [code]`, as compilers write it.
    package var description: String {
        let place = [file, line.map { "\($0)" }, column.map { "\($0)" }].compactMap(\.self).joined(separator: ":")
        return "\(place): \(severity.rawValue): \(message) [\(code)]"
    }

    /// An object for programs.
    package var json: JSON {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "slug": slug.map { .string($0.text) },
            "file": .string(file), "line": line.map { .integer(Int64($0)) },
            "column": column.map { .integer(Int64($0)) }, "message": .string(message),
        ]
    }
}

extension Finding {
    /// What the loader has said.
    package init(_ problem: SettingsError.Problem) {
        self.init(
            code: problem.code.rawValue, severity: .error, slug: nil, file: problem.file, line: problem.line,
            column: problem.column, message: problem.message)
    }

    /// A file that the loader has left out.
    package init(notice: SettingsError.Problem) {
        self.init(
            code: "file-left-out", severity: .warning, slug: nil, file: notice.file, line: nil, column: nil,
            message: notice.message)
    }

    init(_ code: FindingCode, _ job: Job, _ message: String) {
        self.init(
            code: code.rawValue, severity: code.severity, slug: job.slug, file: job.source.file,
            line: Int(job.source.line), column: Int(job.source.column), message: "\(job.slug): \(message)")
    }
}
