import CharonCore
import CharonLevels
import Testing

@Suite struct LevelRuleTests {
    @Test(arguments: [
        "error:starts_with:Backup failed", "drop:contains:: ok", "success:glob:*done [0-9]?", "info:contains:ä:b:",
    ])
    func theTextFormIsReadAndWritten(_ text: String) throws { #expect(try LevelRule(text).description == text) }

    @Test(arguments: [
        ("error", "is no rule of levels"), ("error:contains", "is no rule of levels"), ("", "is no rule of levels"),
        ("fatal:contains:x", "\"fatal\" is no action of a rule; use one of info, warning, error, success, drop"),
        ("error:regex:x", "\"regex\" is no match of a rule; use one of starts_with, contains, glob"),
        ("error:contains:", "is empty"), ("drop:contains:a\nb", "newline"), ("drop:contains:a\0", "NUL"),
        ("drop:glob:" + String(repeating: "a", count: 1025), "1025 bytes; at most 1024"),
    ])
    func aMistakeIsNamed(_ text: String, _ message: String) {
        let error = #expect(throws: CharonError.self) { try LevelRule(text) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.code == .usage)
    }

    @Test func theFirstRuleThatMatchesDecidesBeforeThePresets() throws {
        let rules = LevelRules(rules: [
            try LevelRule("info:starts_with:error: harmless"), try LevelRule("error:contains:FAILED"),
            try LevelRule("warning:glob:* took [0-9]* s"), try LevelRule("drop:starts_with:Processing"),
            try LevelRule("success:contains:Processing"),
        ])
        #expect(level("error: harmless x", .stderr, rules) == .info)
        #expect(level("error: other", .stdout, rules) == .error)
        #expect(level("step FAILED", .stdout, rules) == .error)
        #expect(level("step took 12.5 s", .stdout, rules) == .warning)
        #expect(level("step took long s", .stdout, rules) == .info)
        #expect(classified("Processing 1", .stdout, rules).isDropped)
        #expect(level(" Processing 1", .stdout, rules) == .success)
        #expect(classified("plain", .stderr, rules).isNamed == false)
    }

    @Test func aRuleSeesTheTextWithoutPrefixAndColours() throws {
        let rules = LevelRules(rules: [try LevelRule("error:starts_with:text")])
        let prefixed = classified("<6>text", .stdout, rules)
        #expect(prefixed.level == .error)
        #expect(prefixed.severity == .error)
        #expect(prefixed.prefixLength == 3)
        #expect(level("\u{1B}[32mtext\u{1B}[0m", .stdout, rules) == .error)
        #expect(level("1%\r2%\rtext", .stdout, rules) == .error)
    }

    @Test func aBlockIsDecidedByItsFirstLine() throws {
        let rules = LevelRules(rules: [
            try LevelRule("drop:contains:Traceback"), try LevelRule("info:contains:harmless"),
        ])
        var classifier = LineClassifier(rules)
        let found = ["Traceback (most recent call last):", "  a", "  harmless", "ValueError: x", "end"].map {
            classifier.classify(Array($0.utf8), from: .stderr)
        }
        #expect(found.map(\.isDropped) == [true, true, false, true, false])
        #expect(found.map(\.level) == [.error, .error, .info, .error, .warning])
    }

    @Test func rulesAreKeptAsJSON() throws {
        var rules = LevelRules(rules: [try LevelRule("drop:contains:a \"b\""), try LevelRule("error:glob:*x")])
        rules.presets = [.json, .words]
        rules.stderr = .error
        #expect(try LevelRules(json: JSON.parse(rules.json.bytes)) == rules)
        #expect(try LevelRules(json: [:]) == LevelRules())
        #expect(try LevelRules(json: LevelRules().json) == LevelRules())
    }

    @Test(arguments: [
        (#"[]"#, "levels"), (#"{"stdout":"loud"}"#, "levels.stdout"), (#"{"stderr":1}"#, "levels.stderr"),
        (#"{"rules":"x"}"#, "levels.rules"), (#"{"rules":[1]}"#, "levels.rules"), (#"{"rules":["x"]}"#, "levels.rules"),
        (#"{"presets":["nope"]}"#, "levels.presets"),
    ])
    func brokenJSONIsNamed(_ text: String, _ location: String) throws {
        let json = try JSON.parse(text.utf8)
        let error = #expect(throws: CharonError.self) { try LevelRules(json: json) }
        #expect(error?.location == location)
        #expect(error?.code == .record)
    }

    @Test func presetsHaveNames() throws {
        #expect(try LevelPresets(names: LevelPresets.all.names) == .all)
        #expect(LevelPresets.all.names.count == 8)
        let error = #expect(throws: CharonError.self) { try LevelPresets(names: ["json", "yaml"]) }
        #expect(error?.message.contains("\"yaml\" is no preset of levels; use some of prefix, monolog") == true)
    }

    @Test(arguments: [
        (LevelPresets.prefix, "<3>x"), (.monolog, "[2024-01-01T00:00:00+00:00] app.ERROR: x"),
        (.php, "PHP Fatal error:  x"), (.symfony, " [ERROR] x"), (.json, #"{"level":"error"}"#),
        (.logfmt, "time=1 level=error msg=x"), (.words, "error: x"),
        (.tracebacks, "Traceback (most recent call last):"),
    ])
    func aPresetKnowsItsOwnLinesAlone(_ preset: LevelPresets, _ line: String) {
        #expect(level(line, .stdout, LevelRules(presets: preset)) == .error)
        #expect(level(line, .stdout, LevelRules(presets: [])) == .info)
    }

    @Test func theStreamsHaveOtherDefaults() {
        var rules = LevelRules()
        rules.stdout = .success
        rules.stderr = .info
        #expect(level("x", .stdout, rules) == .success)
        #expect(classified("x", .stderr, rules).severity == .info)
    }
}
