import CharonCore
import CharonJobs
import Testing

/// The examples of the keys of `charon.yaml`.
@Suite struct SettingsKeyTests {
    private static let application = ["url", "key_file", "credential"]
    static let cases = KeyCase.cases(of: KeyTable.settings, under: []).filter {
        $0.path.first != "defaults" || $0.path.count == 1
    }

    /// A `charon.yaml` whose last line has the value in its place.
    private static func file(_ example: KeyCase, _ value: String) -> (text: String, line: Int, column: Int) {
        guard example.path[0] == "applications", example.path.count > 1 else {
            let other =
                example.path[0] == "default_application"
                ? "applications: {shop: {url: \"https://a\", key_file: /k}}\n" : ""
            let line = example.line(value)
            return (other + line.text + "\n", other.isEmpty ? 1 : 2, line.column)
        }
        let others = ["url: \"https://a\"", "key_file: /k"].filter {
            !$0.hasPrefix("\(example.key.name):") && !(example.key.name == "credential" && $0.hasPrefix("key_file"))
        }
        let inner = KeyCase(path: Array(example.path.dropFirst()), key: example.key).line(value)
        let lines = ["applications:", "  shop:"] + others.map { "    \($0)" } + ["    \(inner.text)"]
        return (lines.joined(separator: "\n") + "\n", lines.count, 4 + inner.column)
    }

    @Test(arguments: cases) func aGoodExampleIsTaken(_ example: KeyCase) throws {
        let settings = try Settings.parse(
            text: Self.file(example, example.key.good).text, file: "f",
            users: UserTable(passwd: "root:x:0:0::/:/bin/sh"))
        #expect(settings != Settings())
    }

    @Test(arguments: cases) func aBadExampleIsOneProblemAtItsPlace(_ example: KeyCase) throws {
        let mark = example.key.bad.firstIndex(of: "›")
        let offset = mark.map { example.key.bad.distance(from: example.key.bad.startIndex, to: $0) } ?? 0
        let file = Self.file(example, example.key.bad.replacing("›", with: ""))
        let error = #expect(throws: SettingsError.self) {
            try Settings.parse(text: file.text, file: "f", users: UserTable(passwd: "root:x:0:0::/:/bin/sh"))
        }
        let problems = error?.problems ?? []
        try #require(problems.count == 1, "\(problems)")
        #expect((problems[0].line, problems[0].column) == (file.line, file.column + offset), "\(problems[0])")
    }
}
