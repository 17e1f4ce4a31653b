import CharonCore
import CharonLevels
import Testing

@Suite struct LevelRulesTests {
    @Test func theStreamDecidesWhereTheLineNamesNoLevel() {
        #expect(LevelRules().classify(Array("text".utf8), from: .stdout).level == .info)
        #expect(LevelRules().classify(Array("text".utf8), from: .stderr).level == .warning)
        #expect(LevelRules().classify([], from: .stderr).level == .warning)
        #expect(LevelRules().classify([], from: .stdout).text.isEmpty)
    }

    @Test(arguments: LevelRules.Stream.allCases)
    func aPrefixNamesTheLevelAndIsTakenOff(_ stream: LevelRules.Stream) {
        let levels: [Level] = [.error, .error, .error, .error, .warning, .info, .info, .info]
        for (number, level) in levels.enumerated() {
            let found = LevelRules().classify(Array("<\(number)>text".utf8), from: stream)
            #expect(found.level == level, "<\(number)>")
            #expect(Array(found.text) == Array("text".utf8))
            #expect(LevelRules().classify(Array("<\(number)>".utf8), from: stream).text.isEmpty)
        }
    }

    @Test(arguments: ["<8>text", "<9>", "<a>text", "<>text", "<3", "<33>text", " <3>text", "3>text", "<3)text", "<-1>"])
    func anythingElseIsText(_ line: String) {
        let found = LevelRules().classify(Array(line.utf8), from: .stdout)
        #expect(found.level == .info)
        #expect(Array(found.text) == Array(line.utf8))
    }
}
