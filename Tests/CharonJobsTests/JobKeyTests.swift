import CharonCore
import CharonJobs
import Testing

/// A row of the table of keys, with the keys that lead to it.
struct KeyCase: Sendable, CustomTestStringConvertible {
    let path: [String]
    let key: KeyDescription

    var testDescription: String { path.joined(separator: ".") }

    static let job = KeyTable.job.flatMap { cases(of: $0.keys, under: []) }

    static func cases(of keys: [KeyDescription], under path: [String]) -> [KeyCase] {
        keys.flatMap { [KeyCase(path: path + [$0.name], key: $0)] + cases(of: $0.keys, under: path + [$0.name]) }
    }

    /// `value` in its place, as one line, and the column of its first character.
    func line(_ value: String) -> (text: String, column: Int) {
        let before = path.dropLast().map { "\($0): {" }.joined() + "\(key.name): "
        return (before + value + String(repeating: "}", count: path.count - 1), before.count + 1)
    }

    /// A job file with this line, which is its fifth or a later one.
    func file(_ value: String) -> (text: String, line: Int, column: Int) {
        let others = ["user: root", "command: [true]"].filter { !$0.hasPrefix("\(key.name):") }
        let line = line(value)
        let lines = ["jobs:", "  a:"] + others.map { "    \($0)" } + ["    \(line.text)"]
        return (lines.joined(separator: "\n") + "\n", lines.count, 4 + line.column)
    }
}

@Suite struct JobKeyTests {
    @Test(arguments: KeyCase.job)
    func aGoodExampleIsTaken(_ example: KeyCase) throws {
        let plain = try JobReading.job("jobs: {a: {user: root, command: [true]}}")
        let job = try JobReading.job(example.file(example.key.good).text)
        let isDefault = ["info", "none"].contains { example.key.good == $0 && example.key.fallback == $0 }
        if example.key.name != "delay" {
            #expect(
                (job.options, job.schedules, job.command) != (plain.options, plain.schedules, plain.command)
                    || job.user != plain.user || job.group != plain.group || job.timezone != plain.timezone
                    || job.cronID != plain.cronID || job.isEnabled != plain.isEnabled
                    || job.environment != plain.environment || isDefault,
                "an example must differ from the default, or nothing shows that it was read")
        }
    }

    @Test(arguments: KeyCase.job)
    func aBadExampleIsOneProblemAtItsPlace(_ example: KeyCase) throws {
        let mark = example.key.bad.firstIndex(of: "›")
        let offset = mark.map { example.key.bad.distance(from: example.key.bad.startIndex, to: $0) } ?? 0
        let file = example.file(example.key.bad.replacing("›", with: ""))
        let loaded = JobReading.load(file.text)
        #expect(loaded.jobs.isEmpty)
        try #require(loaded.problems.count == 1, "\(loaded.problems)")
        let problem = loaded.problems[0]
        #expect((problem.line, problem.column) == (file.line, file.column + offset), "\(problem)")
        let value = example.key.bad.replacing("›", with: "").filter { !"[]{}\"".contains($0) }
        if value.count > 4 { #expect(!problem.message.contains(value), "a value may be a secret") }
    }

    @Test func purposesAreOneLine() {
        for example in KeyCase.job {
            #expect(example.key.purpose.hasSuffix(".") && !example.key.purpose.contains("\n"))
            #expect(!example.key.fallback.isEmpty && !example.key.words.isEmpty)
        }
        #expect(Set(KeyCase.job.map(\.path)).count == KeyCase.job.count)
    }

    /// The keys of the table are those that a job file's error names.
    @Test func theErrorListsAllKeys() {
        let keys = KeyTable.job.flatMap(\.keys).map(\.name).joined(separator: ", ")
        #expect(
            JobReading.problems("jobs: {a: {user: root, command: [x], zzzzzz: 1}}")
                == "f:1:38: unknown key \"zzzzzz\" in the job \"a\": allowed are \(keys)")
    }
}
