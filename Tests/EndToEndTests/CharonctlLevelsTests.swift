import Testing

/// The levels of a file's lines, as `charonctl levels` shows them without a daemon.
@Suite struct CharonctlLevelsTests {
    private func levels(_ words: String..., of text: String) async throws -> Line {
        let place = try Scratch()
        defer { place.remove() }
        let file = place.path + "/lines"
        try write(text, to: file)
        let command = try Spawned([Programs.control, "levels", file] + words, in: place.path)
        let code = try await command.exitCode()
        return Line(exitCode: code, output: command.standardOutput, error: command.standardError)
    }

    private static let text = """
        plain
        Traceback (most recent call last):
          File "a.py", line 1, in <module>
        ValueError: no
        <5>careful
         [OK] done
        no newline
        """

    @Test func eachLineStandsBehindItsLevel() async throws {
        let expected = [
            "info    plain", "error   Traceback (most recent call last):",
            "error     File \"a.py\", line 1, in <module>",
            "error   ValueError: no", "info    careful", "success  [OK] done", "info    no newline",
        ]
        let shown = try await levels(of: Self.text)
        #expect(shown.exitCode == 0 && shown.output.split(separator: "\n").map(String.init) == expected, "\(shown)")
        let counted = try await levels("--count", "--stderr", of: Self.text)
        #expect(counted.output == "info 1\nsuccess 1\nwarning 2\nerror 3\ndrop 0\n", "\(counted)")
    }

    @Test func rulesAndPresetsAreThoseOfCharonRun() async throws {
        let shown = try await levels(
            "--level", "drop:starts_with:plain", "--level", "warning:contains:newline", "--level-presets", "none",
            of: Self.text)
        let labels = shown.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(labels == ["drop", "info", "info", "info", "info", "info", "warning"], "\(shown)")
        let bad = try await levels("--level", "loud:contains:x", of: "")
        #expect(bad.exitCode == 64 && bad.error.contains("loud"), "\(bad)")
        let unknown = try await levels("--level-presets", "php,perl", of: "")
        #expect(unknown.exitCode == 64 && unknown.error.contains("\"perl\" is no preset"), "\(unknown)")
    }
}
