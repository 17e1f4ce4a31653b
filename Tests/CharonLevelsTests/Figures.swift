import CharonCore
import CharonLevels

/// How well the levels of a corpus are found.
///
/// Counted are warnings and errors together: both are what one is woken for.
struct Figures: CustomStringConvertible {
    /// Lines labelled as warnings or errors, as delivered: the default of stderr helps.
    var wanted = 0
    var wantedAndDelivered = 0
    /// Lines whose own text named a warning or an error to us, and those of them that are labelled so.
    var named = 0
    var namedRightly = 0
    /// Those with the very level of the label.
    var namedExactly = 0
    /// Labelled lines that are warnings or errors by what they say, not by their stream.
    var wantedAndNamed = 0
    /// Harmless lines of stderr that say nothing, and so are warnings by the rule for stderr.
    var harmlessByDefault = 0
    var counted = 0

    /// The figures of some parts of the corpus, of one stream or of both.
    init(_ parts: [Corpus], only stream: LevelRules.Stream? = nil) {
        for tool in parts.flatMap(\.tools) {
            var classifier = LineClassifier()
            for line in tool {
                let found = classifier.classify(line.text, from: line.stream)
                if line.label != "-", stream == nil || stream == line.stream { count(line.label, found) }
            }
        }
    }

    private mutating func count(_ label: Character, _ found: Classified) {
        let isWanted = label == "w" || label == "e"
        let isTrouble = found.level == .warning || found.level == .error
        counted += 1
        if isWanted { wanted += 1 }
        if isWanted, isTrouble { wantedAndDelivered += 1 }
        if isTrouble, found.isNamed {
            named += 1
            if isWanted { namedRightly += 1 }
            if isWanted { wantedAndNamed += 1 }
            if label == found.level.rawValue.first { namedExactly += 1 }
        }
        if !isWanted, isTrouble, !found.isNamed { harmlessByDefault += 1 }
    }

    /// Of the lines that we took for a warning or an error by what they say, the share that is one.
    var precision: Double { Double(namedRightly) / Double(named) }
    /// Of the warnings and errors, the share that is delivered as one.
    var recall: Double { Double(wantedAndDelivered) / Double(wanted) }
    /// Of the warnings and errors, the share that was known by what it says.
    var recallByName: Double { Double(wantedAndNamed) / Double(wanted) }

    var description: String {
        func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
        return """
            \(counted) lines, \(wanted) warnings and errors; precision \(percent(precision)) (\(namedRightly)/\(named)), \
            the exact level \(percent(Double(namedExactly) / Double(named))); recall \(percent(recall)) \
            (\(wantedAndDelivered)/\(wanted)), by their text alone \(percent(recallByName)); \
            harmless but a warning by the rule for stderr: \(harmlessByDefault)
            """
    }
}
