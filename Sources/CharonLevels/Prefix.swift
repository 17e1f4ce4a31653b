import CharonCore

/// The prefix `<N>` that names a line's severity (sd-daemon(3), syslog(3)).
enum Prefix {
    /// The length of every prefix.
    static let length = 3

    /// The severity that the prefix names; nil if the line has none.
    static func find(in line: Span<UInt8>) -> Severity? {
        guard line.at(0) == "<", line.at(2) == ">", line.at(1).isDigit else { return nil }
        return Severity(rawValue: UInt8(truncatingIfNeeded: line.at(1).value - 0x30))
    }
}
