package import CharonCore

/// Which level a line of output has: what a rule of one's own says, else what the line says, else that of its stream.
///
/// The rest of stderr is a warning: much of it is harmless progress, and none of it is plain output. These are the
/// settings; `LineClassifier` applies them.
package struct LevelRules: Hashable, Sendable {
    /// A stream of the command.
    package enum Stream: Hashable, Sendable, CaseIterable {
        case stdout, stderr
    }

    /// The most rules of one's own.
    package static let mostRules = 100

    /// The level of a line of stdout that names none.
    package var stdout = Level.info
    /// The level of a line of stderr that names none.
    package var stderr = Level.warning
    /// Rules of one's own; the first that matches decides, before every preset.
    package var rules: [LevelRule] = []
    /// What is recognised without a rule.
    package var presets = LevelPresets.all

    /// The default levels, and every preset.
    package init() {}

    /// The level of a line of that stream that names none.
    package func level(of stream: Stream) -> Level { stream == .stdout ? stdout : stderr }
}
