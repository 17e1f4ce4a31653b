import CharonCore
import Testing

@Suite struct LevelTests {
    @Test func aThresholdLetsItsOwnLevelAndGraverOnesPass() {
        let order: [Level] = [.info, .success, .warning, .error]
        for (index, threshold) in order.enumerated() {
            for (other, level) in order.enumerated() { #expect(level.reaches(threshold) == (other >= index)) }
        }
        #expect(Set(order) == Set(Level.allCases))
    }

    @Test func eachSeverityHasALevel() {
        #expect(Severity.allCases.map(\.rawValue) == Array(0...7))
        #expect(Severity.allCases.map(\.level) == [.error, .error, .error, .error, .warning, .info, .info, .info])
        for level in Level.allCases where level != .success { #expect(level.severity.level == level) }
        #expect(Level.success.severity == .notice)
    }

    @Test func severitiesHaveTheNamesOfJournalctl() {
        #expect(Severity.allCases.count == Severity.names.count)
        #expect(Severity.allCases.map(\.name) == Severity.names)
        #expect(Severity(name: "err") == .error && Severity(name: "error") == .error)
        #expect(Severity(name: "emerg")?.rawValue == 0 && Severity(name: "debug")?.rawValue == 7)
        #expect(Severity(name: "loud") == nil && Severity(name: "") == nil)
    }
}
