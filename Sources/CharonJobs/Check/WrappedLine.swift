package import CharonCore

/// A line of a crontab that wraps its command in charon-run.
package struct WrappedLine: Hashable, Sendable {
    /// The crontab.
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// The slug that the line names.
    package let slug: Slug

    /// The options of charon-run without a value of their own.
    private static let flags = ["--quiet", "--help", "--version", "-h"]

    /// The wrapped lines of a crontab.
    package static func all(in text: String, file: String) -> [WrappedLine] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.first(where: { $0 != " " && $0 != "\t" }) != "#", let slug = slug(in: line) else { return nil }
            return WrappedLine(file: file, line: index + 1, slug: slug)
        }
    }

    /// The first word behind `charon-run` that is neither an option nor an option's value.
    private static func slug(in line: Substring) -> Slug? {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard let start = words.firstIndex(where: { $0 == "charon-run" || $0.hasSuffix("/charon-run") }) else {
            return nil
        }
        var rest = words[(start + 1)...]
        while let word = rest.popFirst(), word != "--" {
            guard word.hasPrefix("-") else { return Slug(String(word)) }
            if !word.contains("="), !flags.contains(String(word)) { _ = rest.popFirst() }
        }
        return nil
    }
}
