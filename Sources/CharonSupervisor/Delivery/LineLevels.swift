import CharonCore
import CharonLevels
package import CharonRuns

/// What the lines before a place in a run's output mean for the levels of those behind it.
package struct LineLevels: Hashable, Sendable {
    private let rules: LevelRules
    private let least: Level
    private var state = LineClassifier.State()
    /// The levels of lines whose rest comes in a later entry; nil for those that are not sent.
    private var begun: [LogLine.Stream: Level?] = [:]

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

    /// The level of the next entry, nil if it is not to be sent, and its text without the prefix that named it.
    ///
    /// A later part has the level of its line, and what looks like a level's prefix in it is text.
    mutating func take(_ line: LogLine) -> (level: Level?, text: ArraySlice<UInt8>) {
        if let level = begun[line.stream] {
            if !line.isPartial { begun[line.stream] = nil }
            return (level, line.text[...])
        }
        var classifier = LineClassifier(rules, state: state)
        let classified = classifier.classify(line.text, from: line.stream == .stderr ? .stderr : .stdout)
        state = classifier.state
        let isSent = !classified.isDropped && classified.level.reaches(least)
        let level = isSent ? classified.level : nil
        if line.isPartial { begun[line.stream] = .some(level) }
        return (level, line.text.dropFirst(classified.prefixLength))
    }
}
