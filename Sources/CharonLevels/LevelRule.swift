package import CharonCore

/// One rule of an operator's own: which lines have which level, or are not to be delivered.
///
/// Its text form is one word, `error:starts_with:Backup failed`: action, kind of match, pattern. Everything behind the
/// second colon is the pattern. There are no regular expressions: none could be given a limit of time.
package struct LevelRule: Hashable, Sendable, CustomStringConvertible {
    /// What is done with a line that matches.
    package enum Action: Hashable, Sendable {
        /// It has this level.
        case level(Level)
        /// It stays in the record and is neither sent to Charon nor counted as cut.
        case drop

        /// The name in configuration and options.
        package var name: String {
            switch self {
            case .level(let level): level.rawValue
            case .drop: "drop"
            }
        }

        /// Nil unless `name` is a level or `drop`.
        package init?(name: String) {
            if name == "drop" {
                self = .drop
            } else if let level = Level(rawValue: name) {
                self = .level(level)
            } else {
                return nil
            }
        }
    }

    /// How a pattern is compared with a line: byte by byte, with regard to case.
    package enum Match: String, Hashable, Sendable, CaseIterable {
        /// The line begins with the pattern.
        case startsWith = "starts_with"
        /// The pattern stands anywhere in the line.
        case contains
        /// `*`, `?` and `[…]` on the whole line; see `Glob`.
        case glob
    }

    /// The longest pattern in bytes.
    package static let longestPattern = 1024

    /// What the text form is, for messages.
    package static let form = """
        a rule is ACTION:MATCH:PATTERN with an action of \(actions), and a match of \(matches), \
        as in drop:starts_with:Processing
        """

    private static let actions = (Level.allCases.map(\.rawValue) + ["drop"]).joined(separator: ", ")
    private static let matches = Match.allCases.map(\.rawValue).joined(separator: ", ")

    /// What is done with a line that matches.
    package let action: Action
    /// How the pattern is compared.
    package let match: Match
    /// What is looked for.
    package let pattern: String

    private let bytes: [UInt8]
    private let glob: Glob?

    /// A rule of its three parts.
    ///
    /// - Throws: `usage` if the pattern is empty, too long or holds a newline or a NUL.
    package init(_ action: Action, _ match: Match, _ pattern: String) throws(CharonError) {
        guard !pattern.isEmpty else {
            throw CharonError(
                .usage, "the pattern of the rule \(action.name):\(match.rawValue): is empty; \(Self.form)")
        }
        guard pattern.utf8.count <= Self.longestPattern else {
            throw CharonError(
                .usage, "a rule's pattern has \(pattern.utf8.count) bytes; at most \(Self.longestPattern)")
        }
        guard !pattern.utf8.contains(where: { $0 == 0 || $0 == 0x0A }) else {
            throw CharonError(.usage, "a rule's pattern holds a newline or a NUL, which no line of output has")
        }
        self.action = action
        self.match = match
        self.pattern = pattern
        bytes = Array(pattern.utf8)
        glob = match == .glob ? Glob(pattern.utf8) : nil
    }

    /// Reads the text form.
    ///
    /// - Throws: `usage` naming the part that is wrong, and what it may be.
    package init(_ text: String) throws(CharonError) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { throw CharonError(.usage, "\"\(text)\" is no rule of levels; \(Self.form)") }
        guard let action = Action(name: parts[0]) else {
            throw CharonError(.usage, "\"\(parts[0])\" is no action of a rule; use one of \(Self.actions)")
        }
        guard let match = Match(rawValue: parts[1]) else {
            throw CharonError(.usage, "\"\(parts[1])\" is no match of a rule; use one of \(Self.matches)")
        }
        try self.init(action, match, parts[2])
    }

    /// The text form, which `init(_:)` reads.
    package var description: String { "\(action.name):\(match.rawValue):\(pattern)" }

    /// Whether the rule is for this line.
    package func matches(_ line: Span<UInt8>) -> Bool {
        if let glob { return glob.matches(line) }
        return match == .contains ? line.contains(bytes) : line.hasPrefix(bytes)
    }
}
