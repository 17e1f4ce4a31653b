import CharonCore
import CharonJobs
import Glibc
import Testing

/// The ready-made call files and their jobs fit together.
struct CallExampleTests {
    private static let calls = entries(of: "\(Programs.repository)/config/calls")
    private static let jobFiles = entries(of: "\(Programs.repository)/config/jobs.d").filter { $0.hasPrefix("calls-") }

    @Test func everyFileHasAJobAndNoMistake() async throws {
        let place = try Scratch()
        defer { place.remove() }
        var called: Set<String> = []
        #expect(Self.jobFiles.count == 4 && Self.calls.count == 12)
        for name in Self.jobFiles {
            let file = "\(Programs.repository)/config/jobs.d/\(name)"
            let users = UserTable(passwd: "www-data:x:33:33::/var/www:/bin/false\n")
            var terms = JobTerms()
            terms.defaults = try Settings.parse(text: "defaults: {timezone: UTC}", file: "x", users: users).defaults
            let loaded = JobLoader(terms).load(text: text(of: file), file: name)
            #expect(loaded.problems.isEmpty, "\(loaded.problems)")
            for job in loaded.jobs {
                let words = job.command.arguments
                try #require(words.count > 2 && words[0] == "/usr/bin/charon-call")
                let call = try #require(words[1].split(separator: "/").last.map(String.init))
                #expect(words[1] == "/etc/charon/calls/\(call)" && Self.calls.contains(call))
                #expect(call == "\(job.slug.text).yaml")
                called.insert(call)
                let check = try Spawned(
                    [Programs.call, "\(Programs.repository)/config/calls/\(call)"] + words.dropFirst(2) + ["--check"],
                    in: place.path, environment: ["HOME": place.path])
                #expect(try await check.exitCode() == 0, "\(job.slug): \(check.standardError)")
                #expect(check.standardError == "")
            }
        }
        #expect(called == Set(Self.calls))
    }

    /// The check can fail.
    @Test(arguments: [
        ("base_url: http://[::1]\nrequest:\n  path: /\n  methode: GET\n", "4:3", "\"methode\""),
        ("base_url: \"{{nobody}}\"\nrequest: {path: /}\n", "1:12", "\"nobody\""),
    ])
    func aMistakeIsNamedWithItsPlace(_ text: String, _ place: String, _ name: String) async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let file = "\(scratch.path)/x.yaml"
        try write(text, to: file, mode: 0o644)
        let check = try Spawned(
            [Programs.call, file, "--check"], in: scratch.path, environment: ["HOME": scratch.path])
        #expect(try await check.exitCode() == 78)
        #expect(check.standardError.contains("x.yaml:\(place): ") && check.standardError.contains(name))
    }
}
