import CharonCore
import Glibc
import Testing

/// What `charon-server`'s commands change counts at once in a server that runs.
@Suite(.serialized)
struct ServerCommandTests {
    @Test func switchingACronTakesEffectAtOnce() async throws {
        try await Site.running("job") { site in
            for (turn, code) in [("off", 0), ("on", 7), ("off", 0), ("on", 7)] {
                try await site.administer("cron", turn, "job")
                #expect(try await site.run("job", script: "exit 7").exitCode == Int32(code), "\(turn)")
            }
            #expect(try await site.ended("job", count: 2).count == 2)
            let list = try await site.administer("cron", "list")
            #expect(list.hasSuffix("\ton\tjob\t"))
        }
    }

    @Test func keysCountFromTheirMakingToTheirRevocation() async throws {
        try await Site.running("job") { site in
            let second = try await site.administer("key", "add", "second")
            func status(_ key: String) async throws -> String {
                let options = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "X-API-KEY: \(key)"]
                return try await output(["curl"] + options + ["\(site.url)/job/can-start"], in: site.path)
            }
            #expect(try await status(second) == "200")
            #expect(try await status(site.key) == "200")
            try await site.administer("key", "revoke", "second")
            #expect(try await status(second) == "401")
            #expect(try await status(site.key) == "200")
            try await site.administer("key", "revoke", "site")
            let line = try await site.run("--when-unreachable", "skip", "job", command: ["touch", site.mark("ran")])
            #expect(line.exitCode == 0 && !site.hasMark("ran"))
            #expect(site.daemonLog.contains("Charon refuses the key (401)"))
            #expect(bytes(of: site.database).firstRange(of: Array(second.utf8)) == nil)
            #expect(try await site.administer("key", "list").contains("second"))
        }
    }

    /// In a network of its own, where the standard port is free and nobody else listens.
    @Test(.enabled(if: geteuid() == 0, "not root"))
    func withoutAnAddressItListensOnLoopbackAlone() async throws {
        try await Site.with { site in
            let network = try await site.makeNetwork(with: "198.51.100.7")
            let server = try Spawned(network + [Programs.server, "serve", "--database", site.database], in: site.path)
            try await eventually("the server: \(server.standardError)") {
                server.standardOutput == "listening on http://127.0.0.1:8080/api\n"
            }
            // Address and port in hexadecimal, the address in the byte order of the host (proc(5)).
            #expect(listeners(text(of: "/proc/\(server.pid)/net/tcp")) == ["0100007F:1F90"])
            #expect(listeners(text(of: "/proc/\(server.pid)/net/tcp6")) == [])
            let help = try await output([Programs.server, "serve", "--help"], in: site.path)
            #expect(help.contains("127.0.0.1:8080"))
        }
    }

    /// The local addresses of the sockets in state LISTEN.
    private func listeners(_ table: String) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[3] == "0A" ? String(fields[1]) : nil
        }
    }

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "198.51.100.7:0", "example.org:0"])
    func anAddressThatOthersReachHasToBeAllowed(address: String) async throws {
        try await Site.with { site in
            let words = [Programs.server, "serve", "--database", site.database, "--listen", address]
            let refused = try Spawned(words, in: site.path)
            #expect(try await refused.exitCode() == 64)
            #expect(refused.standardError.contains("--allow-remote"), "\(refused.standardError)")
            #expect(refused.standardOutput == "")
        }
    }

    @Test func aNewCronCountsAtOnce() async throws {
        try await Site.running { site in
            #expect(try await site.run("late-comer", script: "exit 3").exitCode == 3)
            #expect(site.daemonLog.contains("not registered"))
            try await site.administer("cron", "add", "late-comer")
            #expect(try await site.run("late-comer", script: "exit 4").exitCode == 4)
            // The first run is reported as well, for 404 has to repeat over ten minutes until it is believed.
            let executions = try await site.ended("late-comer", count: 2, within: 60)
            #expect(Set(executions.map { $0.message.contains("late") }) == [true, false])
        }
    }
}
