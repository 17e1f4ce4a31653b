import CharonCore
import CharonLevels
import Testing

@Suite struct LineClassifierTests {
    private func classify(_ line: String, _ stream: LevelRules.Stream = .stdout) -> Classified {
        var classifier = LineClassifier()
        return classifier.classify(Array(line.utf8), from: stream)
    }

    @Test func theStreamDecidesWhereTheLineNamesNoLevel() {
        #expect(classify("text").level == .info)
        #expect(classify("text", .stderr).level == .warning)
        #expect(classify("", .stderr).level == .warning)
        #expect(!classify("text", .stderr).isNamed)
    }

    @Test(arguments: LevelRules.Stream.allCases)
    func aPrefixNamesTheLevelAndIsTakenOff(_ stream: LevelRules.Stream) {
        let levels: [Level] = [.error, .error, .error, .error, .warning, .info, .info, .info]
        for (number, level) in levels.enumerated() {
            for text in ["text", "", "error: text"] {
                let found = classify("<\(number)>\(text)", stream)
                #expect(found.level == level, "<\(number)>")
                #expect(Int(found.severity.rawValue) == number)
                #expect(found.prefixLength == 3)
            }
        }
    }

    @Test(arguments: ["<8>text", "<9>", "<a>text", "<>text", "<3", "<33>text", " <3>text", "3>text", "<3)text", "<-1>"])
    func anythingElseIsText(_ line: String) {
        let found = classify(line)
        #expect(found.level == .info)
        #expect(found.prefixLength == 0)
    }
}
