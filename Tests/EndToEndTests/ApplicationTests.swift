import CharonCore
import Glibc
import Testing

/// Several keys on one host, and keys that change.
@Suite(.serialized)
struct ApplicationTests {
    /// A second key of the server, in a file of its own.
    private static func addKey(_ label: String, to site: Site) async throws -> String {
        let file = "\(site.path)/\(label).key"
        try write(try await site.administer("key", "add", label) + "\n", to: file)
        return file
    }

    /// The label of the key that started the only execution of a slug.
    private static func starter(of slug: String, _ site: Site) async throws -> String? {
        _ = try await site.ended(slug)
        let rows = try await site.query(
            """
            SELECT k.label FROM executions e JOIN crons c ON c.id = e.cron_id JOIN keys k ON k.id = e.key_id
            WHERE c.slug = '\(slug)'
            """)
        return rows.first?["label"]?.string
    }

    @Test(.enabled(if: geteuid() == 0, "not root")) func aUserMeansHisOwnApplication() async throws {
        try await Site.with { site in
            try await site.serve(["of-root", "of-user", "named", "off"])
            let shop = try await Self.addKey("shop", to: site)
            let file = "\(site.path)/charon.yaml"
            try write(
                """
                applications:
                  default: {url: "\(site.url)", key_file: \(site.keyFile)}
                  shop: {url: "\(site.url)", key_file: \(shop), users: [\(nobody)]}
                """ + "\n", to: file, mode: 0o644)
            try await site.startDaemon(["--config", file])
            #expect(try await site.run("of-root", script: "exit 0").exitCode == 0)
            #expect(try await site.run("of-user", script: "exit 0", uid: nobody).exitCode == 0)
            let named = try await site.run(
                "--application", "default", "named", command: ["true"], uid: nobody)
            #expect(named.exitCode == 0)
            #expect(try await Self.starter(of: "of-root", site) == "site")
            #expect(try await Self.starter(of: "of-user", site) == "shop")
            #expect(try await Self.starter(of: "named", site) == "site")

            // A line that names none finds its last answer while the daemon is silent, too.
            try await site.administer("cron", "off", "off")
            #expect(try await site.run("off", script: "exit 7", uid: nobody).exitCode == 0)
            site.daemon?.send(SIGSTOP)
            #expect(try await site.run("off", script: "exit 7", uid: nobody).exitCode == 0)
        }
    }

    @Test func aKeyIsReplacedInMidRun() async throws {
        try await Site.running("job", "other") { site in
            let script =
                "echo one; touch \(site.mark("one")); while ! test -e \(site.mark("go")); do sleep 0.1; done; echo two"
            let line = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("one")
            try await eventually("the first line") { try await site.executions(of: "job").first?.lines == ["one"] }
            try await site.administer("key", "revoke", "site")
            _ = try await output(["touch", site.mark("go")], in: site.path)
            #expect(try await line.exitCode() == 0)
            try await eventually("the refusal of the key") {
                try await site.control("outbox", "--json").json()["runs"]?.array?.first?["reason"]?.string?
                    .contains("401") == true
            }
            // A file that cannot be used changes nothing, and is said.
            chmod(site.keyFile, 0o644)
            site.daemon?.send(SIGHUP)
            try await eventually("the complaint") { site.daemonLog.contains("key not read, the one before stays") }

            let next = try await site.administer("key", "add", "next")
            try write(next + "\n", to: site.keyFile)
            chmod(site.keyFile, 0o600)
            site.daemon?.send(SIGHUP)
            let execution = try await site.ended("job")
            #expect(execution.lines == ["one", "two"] && execution.success == true)
            #expect(try await site.run("other", script: "exit 0").exitCode == 0)
            #expect(try await Self.starter(of: "other", site) == "next")
            #expect(site.daemonLog.contains("keys read again changed=default"), "\(site.daemonLog)")
            #expect(!site.daemonLog.contains(next) && !site.daemonLog.contains(site.key))
        }
    }
}
