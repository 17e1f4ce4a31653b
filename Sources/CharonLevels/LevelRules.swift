package import CharonCore

/// Which level a line of output has: the one that it names itself, else that of its stream.
///
/// A line names its level as with systemd (sd-daemon(3)) and syslog: `<0>` to `<3>` error, `<4>` warning, `<5>` to `<7>`
/// info. The rest of stderr is a warning: much of it is harmless progress, and none of it is plain output.
package struct LevelRules: Hashable, Sendable {
    /// A stream of the command.
    package enum Stream: Hashable, Sendable, CaseIterable {
        case stdout, stderr
    }

    /// A line's level, and its bytes without the prefix that named it.
    package struct Classified: Hashable, Sendable {
        /// The level to send it with.
        package let level: Level
        /// What is left of the line.
        package let text: ArraySlice<UInt8>
    }

    /// The level of a line of stdout that names none.
    package var stdout = Level.info
    /// The level of a line of stderr that names none.
    package var stderr = Level.warning

    /// The default levels.
    package init() {}

    /// Classifies one line without its newline.
    package func classify(_ line: [UInt8], from stream: Stream) -> Classified {
        if line.count >= 3, line[0] == 0x3C, line[2] == 0x3E, (0x30...0x37).contains(line[1]) {
            let level: Level =
                switch line[1] {
                case ...0x33: .error
                case 0x34: .warning
                default: .info
                }
            return Classified(level: level, text: line[3...])
        }
        return Classified(level: stream == .stdout ? stdout : stderr, text: line[...])
    }
}
