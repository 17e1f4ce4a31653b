extension EnvironmentFile {
    /// The largest file, in bytes.
    package static let largest = 1 << 20

    /// Why a text is no file of variables; values are never repeated.
    package struct Mistake: Error, Hashable, Sendable {
        /// Counted from 1.
        package let line: Int
        /// What is wrong, and what is allowed.
        package let message: String
    }

    /// The variables of a file by the rules of systemd.exec(5), EnvironmentFile=; a later one replaces an earlier one.
    ///
    /// Lines `NAME=value`; empty ones and those that begin with `#` or `;` are passed over. A `\` at a line's end joins
    /// the next one. A value may be quoted: in single quotes everything stands for itself, in double quotes `\` takes
    /// `"`, `\`, `` ` `` and `$` as they are, without quotes any character. Lines of a quoted value are kept.
    package static func parse(_ bytes: some Sequence<UInt8>) throws(Mistake) -> [EnvironmentVariable] {
        var parser = EnvironmentFileParser(Array(bytes))
        return try parser.variables()
    }
}
