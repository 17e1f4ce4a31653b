import CharonCore
import Glibc
import Testing

/// `charonctl check`, `next` and `schema`: what they print and exit with, without any daemon.
@Suite struct CharonctlCheckTests {
    /// Runs charonctl over a directory with these job files.
    private func charonctl(_ words: String..., files: [String: String]) async throws -> (code: Int32, output: String) {
        let place = try Scratch()
        defer { place.remove() }
        try #require(mkdir(place.path + "/jobs.d", 0o755) == 0)
        for (name, text) in files {
            let file = try Descriptor.open("\(place.path)/jobs.d/\(name)", O_WRONLY | O_CREAT, mode: 0o644)
            try file.write(text.utf8)
        }
        let program = try Spawned([Programs.control] + words + [place.path], in: place.path)
        let code = try await program.exitCode()
        return (code, (program.standardOutput + program.standardError).replacing(place.path, with: "etc"))
    }

    private let good =
        "jobs: {a: {user: root, command: [sh, -c, \"exit 0\"], timezone: UTC, schedule: \"0 5 * * *\"}}\n"

    @Test func aGoodFileExitsWith0() async throws {
        let result = try await charonctl("check", files: ["a.yaml": good])
        #expect(result.code == 0)
        #expect(result.output == "1 job can be used: 0 errors, 0 warnings\n")
    }

    @Test func anErrorExitsWith78() async throws {
        let result = try await charonctl(
            "check", files: ["a.yaml": good, "b.yaml": "jobs:\n  b: {user: root, comand: x}\n"])
        #expect(result.code == 78)
        #expect(
            result.output == """
                etc/jobs.d/b.yaml:2:3: error: the job "b" has no "command": say what is to be run [missing-key]
                etc/jobs.d/b.yaml:2:19: error: unknown key "comand" in the job "b": did you mean "command"? [unknown-key]
                1 job can be used: 2 errors, 0 warnings

                """)
    }

    @Test func aWarningExitsWith0AndJSONHasItAll() async throws {
        let result = try await charonctl("check", "--json", files: ["a.yaml": good, "b.yml": good])
        #expect(result.code == 0)
        let json = try JSON.parse(result.output.utf8)
        #expect(json["jobs"]?.integer == 1 && json["errors"]?.integer == 0 && json["warnings"]?.integer == 1)
        #expect(json["findings"]?.array?.first?["code"]?.string == "file-left-out")
    }

    @Test func nextShowsWhatIsDue() async throws {
        let at = ["next", "--at", "2026-01-31T04:05:06Z", "--count", "2"]
        let result = try await charonctl(at[0], at[1], at[2], at[3], at[4], files: ["a.yaml": good])
        #expect(result.code == 0)
        #expect(
            result.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: " ").prefix(2).joined(separator: " ")
            } == [
                "2026-01-31T05:00:00+00:00 a", "2026-02-01T05:00:00+00:00 a",
            ])
        let json = try await charonctl(at[0], at[1], at[2], at[3], at[4], "--json", files: ["a.yaml": good])
        let first = try JSON.parse(json.output.prefix { $0 != "\n" }.utf8)
        #expect(first["at"]?.string == "2026-01-31T05:00:00+00:00" && first["slug"]?.string == "a")
    }

    @Test(arguments: ["jobs", "charon"]) func schemaIsJSON(_ subject: String) async throws {
        let text = try await output([Programs.control, "schema", subject], in: "/tmp")
        #expect(try JSON.parse(text.utf8)["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
    }
}
