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

    @Test func theFilesPoliciesCountWhereALineNamesNone() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let file = "\(site.path)/charon.yaml"
            let policies = "when_unreachable: skip\nwhen_unknown: skip\n"
            try write(good(site) + policies, to: file, mode: 0o644)
            try await site.startDaemon(["--config", file])
            let unknown = try await site.run("unknown", command: ["touch", site.mark("unknown")])
            #expect(unknown.exitCode == 0 && !site.hasMark("unknown"), "\(unknown.error)")
            #expect(site.daemonLog.contains("skipped application=default reason=not-registered"))
            // The instruments: the same line runs under the default, and while Charon answers.
            #expect(try await site.run("job", script: "exit 6").exitCode == 6)
            try await site.stopServer()
            let alone = try await site.run("job", command: ["touch", site.mark("alone")])
            #expect(alone.exitCode == 0 && !site.hasMark("alone"), "\(alone.error)")
            #expect(site.daemonLog.contains("skipped application=default reason=\"unreachable: "), "\(site.daemonLog)")
            let own = try await site.run("--when-unreachable=last", "job", command: ["sh", "-c", "exit 7"])
            #expect(own.exitCode == 7)
        }
    }

    @Test func theRepositorysFileIsGoodOnceItsKeyIsThere() async throws {
        try await Site.with { site in
            let file = "\(site.path)/charon.yaml"
            let shipped = text(of: "\(Programs.repository)/config/charon.yaml")
            let key = "\(site.path)/shop.key"
            try #require(shipped.contains("/etc/charon/shop.key"))
            try write(shipped.replacing("/etc/charon/shop.key", with: key), to: file, mode: 0o644)
            let words = [Programs.daemon, "--config", file, "--state", site.state, "--check"]
            let without = try Spawned(words, in: site.path)
            #expect(try await without.exitCode() == 78)
            #expect(without.standardError.contains(key), "\(without.standardError)")
            try write("0123456789abcdef\n", to: key)
            let with = try Spawned(words, in: site.path)
            #expect(try await with.exitCode() == 0, "\(with.standardError)")
            #expect(with.standardError == "")
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
