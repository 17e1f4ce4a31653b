import CharonCore
import CharonLevels

/// The level of one line alone, on stdout where no default helps.
func level(_ line: String, _ stream: LevelRules.Stream = .stdout, _ rules: LevelRules = LevelRules()) -> Level {
    classified(line, stream, rules).level
}

func classified(
    _ line: String, _ stream: LevelRules.Stream = .stdout, _ rules: LevelRules = LevelRules()
) -> Classified {
    var classifier = LineClassifier(rules)
    return classifier.classify(Array(line.utf8), from: stream)
}

/// The level of each line of a text, on one stream.
func levels(_ text: String, _ stream: LevelRules.Stream = .stdout, _ rules: LevelRules = LevelRules()) -> [Level] {
    var classifier = LineClassifier(rules)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map {
        classifier.classify(Array($0.utf8), from: stream).level
    }
}

extension LevelRules {
    init(presets: LevelPresets) {
        self.init()
        self.presets = presets
    }

    init(rules: [LevelRule]) {
        self.init()
        self.rules = rules
    }
}
