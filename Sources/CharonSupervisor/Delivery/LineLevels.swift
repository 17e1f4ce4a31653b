import CharonCore
import CharonLevels
package import CharonRuns

/// What the lines before a place in a run's output mean for the levels of those behind it.
package struct LineLevels: Hashable, Sendable {
    private let rules: LevelRules
    private let least: Level
    private var state = LineClassifier.State()
    /// Lines whose rest comes in a later entry.
    private var begun: [LogLine.Stream: Said] = [:]

    /// What is said of a line.
    struct Said: Hashable {
        let level: Level
        /// Whether it goes to Charon.
        let isSent: Bool
    }

    /// At the start of a run.
    package init(_ request: RunRequest) {
        // Who made the record has checked them.
        rules = request.levels.flatMap { try? LevelRules(json: $0) } ?? LevelRules()
        least = request.sendLevel
    }

    /// Behind `entries`, the last ones before the place.
    package init(_ request: RunRequest, behind entries: some Sequence<OutputReader.Entry>) {
        self.init(request)
        for entry in entries { _ = take(entry.line) }
    }

    /// What is said of the next entry's line, and the entry's text without the prefix that named the level.
    ///
    /// A later part has the level of its line, and what looks like a level's prefix in it is text.
    mutating func take(_ line: LogLine) -> (said: Said, text: ArraySlice<UInt8>) {
        if let said = begun[line.stream] {
            if !line.isPartial { begun[line.stream] = nil }
            return (said, line.text[...])
        }
        var classifier = LineClassifier(rules, state: state)
        let classified = classifier.classify(line.text, from: line.stream == .stderr ? .stderr : .stdout)
        state = classifier.state
        let isSent = !classified.isDropped && classified.level.reaches(least)
        let said = Said(level: classified.level, isSent: isSent)
        if line.isPartial { begun[line.stream] = said }
        return (said, line.text.dropFirst(classified.prefixLength))
    }
}
