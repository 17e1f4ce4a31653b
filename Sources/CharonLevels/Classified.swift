package import CharonCore

/// What a `LineClassifier` says of one line.
package struct Classified: Hashable, Sendable {
    /// The level to send it with.
    package private(set) var level: Level
    /// The severity to write into the journal as `PRIORITY`.
    package private(set) var severity: Severity
    /// How many bytes at the start of the line are its prefix `<N>`, to be left out of the text: 0 or 3.
    package private(set) var prefixLength: Int
    /// Whether it goes on with the block of a line before it.
    package private(set) var isContinuation = false
    /// Whether a rule says that it is not to be sent to Charon.
    package private(set) var isDropped = false
    /// Whether a rule, the line or its block named the level; false where only the stream did.
    package private(set) var isNamed: Bool

    /// What the line says of itself.
    init(_ finding: Finding, prefixLength: Int = 0) {
        level = finding.level
        severity = finding.severity
        self.prefixLength = prefixLength
        isNamed = true
    }

    /// The level of its stream, for a line that says nothing of itself.
    init(_ level: Level) {
        self.level = level
        severity = level.severity
        prefixLength = 0
        isNamed = false
    }

    /// The same with what a rule says instead.
    func decided(by rule: LevelRule?) -> Classified {
        guard let rule else { return self }
        var decided = self
        decided.isNamed = true
        switch rule.action {
        case .drop: decided.isDropped = true
        case .level(let level):
            decided.isDropped = false
            decided.level = level
            decided.severity = level.severity
        }
        return decided
    }

    /// What this, said of the first line of a block, makes of a line that goes on with it.
    func continued() -> Classified {
        var continued = self
        continued.prefixLength = 0
        continued.isContinuation = true
        return continued
    }
}
