import CharonCore
import Glibc
import Testing

/// charon.yaml with mistakes, as an operator makes them.
@Suite(.serialized)
struct ConfigurationTests {
    private func good(_ site: Site) -> String {
        """
        applications:
          default:
            url: \(site.url)
            key_file: \(site.keyFile)
        """ + "\n"
    }

    @Test func aMistakeIsNamedByFileLineAndColumnWithWhatIsAllowed() async throws {
        try await Site.with { site in
            try await site.serve()
            let file = "\(site.path)/charon.yaml"
            let cases: [(text: String, position: String, words: [String])] = [
                ("when_unreachable: never\n", "5:19", ["when_unreachable", "last", "run", "skip"]),
                ("when_unreachible: run\n", "5:1", ["when_unreachible", "when_unreachable"]),
                ("message_bytes: 1\n", "5:16", ["message_bytes", "64", "65536"]),
                ("keep: {runs: 5, forr: 7d}\n", "5:17", ["forr", "for"]),
                ("wrapped: {root: shop-*}\n", "5:17", ["list"]), ("keep: [\n", "6:1", []),
            ]
            for one in cases {
                try write(good(site) + one.text, to: file, mode: 0o644)
                let check = try Spawned(
                    [Programs.daemon, "--config", file, "--state", site.state, "--check"], in: site.path)
                #expect(try await check.exitCode() == 78, "\(one.text)")
                let complaint = check.standardError
                #expect(complaint.contains("\(file):\(one.position): "), "\(one.text): \(complaint)")
                for word in one.words { #expect(complaint.contains(word), "\(one.text): \(complaint)") }
            }
            try write(good(site), to: file, mode: 0o644)
            let check = try Spawned(
                [Programs.daemon, "--config", file, "--state", site.state, "--check"], in: site.path)
            #expect(try await check.exitCode() == 0)
            #expect(check.standardOutput.contains("the configuration is good"))
        }
    }

    @Test func theDaemonStartsWithTheLastGoodCopyAndSaysSo() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let file = "\(site.path)/charon.yaml"
            // The address comes from the file alone.
            let environment = ["CHARON_URL": "http://127.0.0.1:1/api"]
            try write(good(site) + "unknown_key: 1\n", to: file, mode: 0o644)
            await #expect(throws: Failed.self) {
                try await site.startDaemon(["--config", file], environment: environment)
            }
            #expect(try await site.daemon?.exitCode() == 78)

            try write(good(site), to: file, mode: 0o644)
            try await site.startDaemon(["--config", file], environment: environment)
            try await site.stopDaemon(SIGTERM)
            try write(good(site) + "unknown_key: 1\n", to: file, mode: 0o644)
            try await site.startDaemon(["--config", file], environment: environment)
            #expect(site.daemonLog.contains("\(file):5:1: "))
            #expect(site.daemonLog.contains("going on with the last good copy"))
            #expect(try await site.run("job", script: "exit 3").exitCode == 3)
            #expect(try await site.ended("job").success == false)
            let check = try Spawned(
                [Programs.daemon, "--config", file, "--state", site.state, "--check"], in: site.path)
            #expect(try await check.exitCode() == 78)
        }
    }

    @Test func aSecondDaemonOnTheSameStateIsRefused() async throws {
        try await Site.running("job") { site in
            let second = try Spawned(
                [Programs.daemon, "--state", site.state, "--socket", "\(site.path)/run/second.sock"], in: site.path,
                environment: ["CHARON_URL": site.url, "CHARON_API_KEY_FILE": site.keyFile])
            #expect(try await second.exitCode() != 0)
            #expect(second.standardError.contains("another charond is using this state directory"))
            #expect(try await site.run("job", script: "exit 2").exitCode == 2)
            #expect(try await site.ended("job").success == false)
        }
    }
}
