import CharonCore
import CharonJobs
import Foundation
import Testing

@testable import CharonCall

/// A row of the tables of keys, with what has to stand around it.
struct KeyCase: Sendable, CustomTestStringConvertible {
    let path: [String]
    let key: KeyDescription
    /// The kind of `auth`, for its keys.
    var kind: AuthDraft.Kind?

    var testDescription: String { path.joined(separator: ".") + (kind.map { " (\($0.rawValue))" } ?? "") }

    static let all: [KeyCase] =
        cases(of: CallFile.own.map(\.description), []) + cases(of: Step.keys.map(\.description), [])
        + AuthDraft.Kind.allCases.flatMap { kind in
            AuthDraft.keys(of: kind).dropFirst().map {
                KeyCase(path: ["auth", $0.name], key: $0.description, kind: kind)
            }
        }

    private static func cases(of keys: [KeyDescription], _ path: [String]) -> [KeyCase] {
        keys.flatMap { [KeyCase(path: path + [$0.name], key: $0)] + cases(of: $0.keys, path + [$0.name]) }
    }

    /// What the mapping at a path needs, for a file to be whole.
    private func needs(_ parent: [String]) -> [String] {
        switch (parent.joined(separator: "."), kind) {
        case ("request", _), ("wait.request", _):
            ["json", "form", "multipart"].contains(path.last) || path.contains("multipart")
                ? ["path: /", "method: POST"] : ["path: /"]
        case ("wait", _): ["request: {path: /}", "until: {pointer: /s, done: D}"]
        case ("wait.until", _): path.contains("status") ? [] : ["pointer: /s", "done: D"]
        case ("wait.until.status", _): ["done: 200"]
        case ("expect.json", _): ["pointer: /s", "failed: F"]
        case ("save", _): ["file: /f"]
        case ("server_dry_run", _): ["header: X"]
        case ("variables.v", _): ["description: d"]
        case ("request.multipart.v", _), ("wait.request.multipart.v", _): ["file: /f"]
        case ("auth", .headers?): ["kind: headers", "headers: {X: y}"]
        case ("auth", .basic?): ["kind: basic", "user: u", "password: p"]
        case ("auth", .queryKey?): ["kind: query_key", "name: n", "value: v", "allow_in_url: true"]
        case ("auth", .clientCredentials?):
            ["kind: oauth2_client_credentials", "url: /t", "client_id: i", "client_secret: s"]
        case ("auth", .keyExchange?): ["kind: key_exchange", "url: /t", "key: k", "token: /t"]
        case ("auth", .login?): ["kind: login", "url: /t", "token: /t"]
        default: []
        }
    }

    /// `value` in its place, and the line and the column of its first character.
    func file(_ value: String) -> (text: String, line: Int, column: Int) {
        var steps = path
        for name in ["variables", "multipart"] {
            if let index = steps.firstIndex(of: name), index + 1 < steps.count { steps.insert("v", at: index + 1) }
        }
        var before = ""
        var after = ""
        for (index, step) in steps.enumerated().dropLast() {
            before += "\(step): {"
            let others = needs(Array(steps[...index])).filter { !$0.hasPrefix("\(steps[index + 1]):") }
            after = others.map { ", \($0)" }.joined() + "}" + after
        }
        before += "\(key.name): "
        var lines = ["base_url: http://localhost", "variables: {a: {default: b}}", "request: {path: /}"]
        if steps[0] == "steps" { lines.removeLast() }
        lines.removeAll { $0.hasPrefix("\(steps[0]):") }
        if steps[0] == "variables" { lines.append("output: x") }
        return (
            (lines + [before + value + after]).joined(separator: "\n") + "\n", lines.count + 1,
            before.unicodeScalars.count + 1
        )
    }
}

@Suite struct KeyTests {
    @Test(arguments: KeyCase.all)
    func aGoodExampleIsTaken(_ example: KeyCase) {
        var text = example.file(example.key.good).text
        // Their examples use a variable that their own file then has not.
        if example.path[0] == "variables" { text = text.replacing("{{a}}", with: "{{now}}") }
        #expect(Reading.problems(text) == "", "\(text)")
    }

    @Test(arguments: KeyCase.all)
    func aBadExampleIsOneProblemAtItsPlace(_ example: KeyCase) throws {
        let mark = example.key.bad.firstIndex(of: "›")
        let offset = mark.map { example.key.bad.distance(from: example.key.bad.startIndex, to: $0) } ?? 0
        let bad = example.key.bad.replacing("›", with: "")
        let file = example.file(bad)
        let error = try #require(throws: SettingsError.self) { try Reading.file(file.text) }
        try #require(error.problems.count == 1, "\(file.text)\n\(error)")
        let problem = error.problems[0]
        // A text without its end is found within its quotes.
        let isWithin = example.key.bad.contains("{{a\"")
        #expect(
            (problem.line, problem.column) == (file.line, file.column + offset + (isWithin ? 1 : 0)),
            "\(file.text)\n\(problem)")
    }

    @Test func purposesAreOneLine() {
        for example in KeyCase.all {
            #expect(example.key.purpose.hasSuffix(".") && !example.key.purpose.contains("\n"), "\(example.path)")
            #expect(!example.key.fallback.isEmpty && !example.key.words.isEmpty)
        }
    }

    @Test func thePageIsMadeFromTheTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appendingPathComponent("Sources/CharonCall/CharonCall.docc/Calls.md")
        #expect(
            try String(contentsOf: page, encoding: .utf8) == CallReference.markdown,
            "make it again: charon-call --reference > Sources/CharonCall/CharonCall.docc/Calls.md")
    }

    @Test func theSchemaHasAllKeys() {
        let names = CallReference.schema["properties"]?.members?.map(\.name)
        #expect(names == CallFile.keys.map(\.name))
        #expect(CallReference.schema["additionalProperties"]?.bool == false)
    }
}
