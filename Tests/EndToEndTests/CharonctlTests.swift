import CharonCore
import Glibc
import Testing

/// What an operator sees with charonctl, and what its exit status says.
@Suite(.serialized)
struct CharonctlTests {
    @Test func statusTellsOfTheDaemonAndItsApplications() async throws {
        try await Site.running("job") { site in
            #expect(try await site.run("job", script: "exit 0").exitCode == 0)
            _ = try await site.ended("job")
            let text = try await site.control("status")
            #expect(text.exitCode == 0 && text.error == "", "\(text.error)")
            #expect(text.output.contains("at \(site.socket)\n0 runs under way\n"))
            let row = try #require(text.output.split(separator: "\n").first { $0.hasPrefix("default ") })
            #expect(row.contains(" closed ") && row.hasSuffix(site.url))
            #expect(row.firstMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)

            let reply = try await site.control("status", "--json").json()
            #expect(reply["version"] == "0.1.0" && reply["private"] == false && reply["active"] == 0)
            #expect(reply["applications"]?.array?.first?["breaker"] == "closed")
            #expect(reply["applications"]?.array?.first?["last_error"] == nil)
        }
    }

    @Test func whatWaitsIsInTheOutboxUntilCharonIsBack() async throws {
        try await Site.running("job") { site in
            #expect(try await site.control("outbox").output == "nothing waits for Charon\n")
            try await site.stopServer()
            for _ in 0..<2 { #expect(try await site.run("job", script: "echo one; echo two; exit 3").exitCode == 3) }
            try await eventually("the open breaker") {
                try await site.control("status", "--json").json()["applications"]?.array?.first?["breaker"] == "open"
            }
            // Now and then one request is under way that decides.
            let status = try await eventually("an open breaker in words") {
                let text = try await site.control("status").output
                return text.contains(" open ") ? text : nil
            }
            #expect(status.contains("last error: GET /job/can-start"), "\(status)")
            let reply = try await site.control("outbox", "--json").json()
            let runs = try #require(reply["runs"]?.array)
            #expect(runs.count == 2 && reply["more"] == false)
            for run in runs {
                #expect(run["slug"] == "job" && run["next"] == "start" && run["lines"] == 2, "\(run)")
                #expect(run["reason"]?.string?.contains("unreachable") == true && run["ended_at"]?.string != nil)
            }
            let first = try await site.control("outbox", "--limit", "1").output
            let name = try #require(runs.first?["run"]?.string)
            #expect(first.contains(name) && first.contains("charonctl outbox --after \(name)"), "\(first)")
            let rest = try await site.control("outbox", "--after", name, "--json").json()
            #expect(rest["runs"]?.array?.first?["run"] == runs.last?["run"] && rest["runs"]?.array?.count == 1)
            try await site.serve()
            _ = try await site.ended("job", count: 2)
            try await eventually("an empty outbox") {
                try await site.control("outbox").output == "nothing waits for Charon\n"
            }
        }
    }

    @Test func theListShowsRunsAndHowTheyEnded() async throws {
        try await Site.running("job", "other") { site in
            #expect(try await site.control("list").output == "no runs are recorded\n")
            for code in [0, 3] { #expect(try await site.run("job", script: "exit \(code)").exitCode == Int32(code)) }
            #expect(try await site.run("other", script: "kill -9 $$").exitCode == 137)
            _ = try await site.ended("other")
            try await eventually("three deliveries") {
                try await site.control("list", "--json").json()["runs"]?.array?.allSatisfy { $0["delivered"] == true }
                    ?? false
            }
            let lines = try await site.control("list").output.split(separator: "\n")
            #expect(lines.count == 4)
            for (line, word) in zip(lines.dropFirst(), [" exit 0 ", " exit 3 ", " signal 9 "]) {
                #expect(line.contains(word) && line.contains(" yes "), "\(line)")
            }
            // In columns: each begins where its heading does.
            let column = try #require(lines[0].firstRange(of: "STATE")).lowerBound.utf16Offset(in: lines[0])
            #expect(lines.dropFirst().allSatisfy { $0.dropFirst(column - 1).first == " " })
            let newest = try await site.control("list", "--limit", "1").output
            #expect(newest.contains("other") && newest.contains("charonctl runs --before"))
            #expect(try await site.control("list", "other", "--json").json()["runs"]?.array?.count == 1)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "not root")) func aUserSeesHisOwn() async throws {
        try await Site.running("job", "theirs") { site in
            #expect(try await site.run("theirs", script: "exit 0", uid: stranger).exitCode == 0)
            _ = try await site.ended("theirs")
            #expect(try await site.control("list", uid: nobody).output == "no runs are recorded\n")
            #expect(try await site.control("list", uid: stranger).output.contains("theirs"))
            let status = try await site.control("status", uid: nobody)
            #expect(status.exitCode == 0 && status.output.contains("shown to root only"))
            #expect(!status.output.contains(site.url))
            let refused = try await site.control("probe", "theirs", uid: nobody)
            #expect(refused.exitCode == 1 && refused.output == "")
            #expect(refused.error.contains("belongs to uid \(stranger)") && refused.error.contains("root"))
            let mine = try await site.control("probe", "theirs", uid: stranger)
            #expect(mine.exitCode == 0 && mine.output.contains("GET /theirs/can-start"), "\(mine)")
            #expect(!mine.output.contains(site.url))
        }
    }

    @Test func withoutADaemonItSaysWhatToDo() async throws {
        try await Site.with { site in
            for words in [["status"], ["list"], ["outbox"], ["probe", "job"]] {
                let line = try await site.control(words)
                #expect(line.exitCode == 1 && line.output == "")
                #expect(line.error.contains("no charond at \(site.socket)"), "\(line.error)")
                #expect(line.error.contains("systemctl status charond"), "\(line.error)")
            }
            let other = try await site.control("status", "--socket", "/nonexistent/sock")
            #expect(other.error.contains("no charond at /nonexistent/sock"))
            // Somebody else's socket: what answers is no daemon of ours.
            let liar = try Spawned(
                ["/usr/bin/python3", "-c", Self.liar, site.socket, site.mark("listening")], in: site.path,
                environment: ["CHARON_TEST_SITE": site.path])
            try await site.reached("listening")
            let line = try await site.control("status")
            #expect(line.exitCode == 1 && line.error.contains("no reply of charond"), "\(line.error)")
            try await liar.end()
        }
    }

    private static let liar = """
        import socket, sys
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(sys.argv[1])
        listener.listen(5)
        open(sys.argv[2], "w").close()
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n\\0")
            connection.close()
        """

    @Test func wrongUsageIsNamed() async throws {
        try await Site.with { site in
            let table: [([String], String)] = [
                (["probe"], "slug"), (["probe", "../etc"], "a slug is"), (["probe", "job", "--yes"], "--execute"),
                (["list", "--limit", "0"], "1 to 1000"), (["outbox", "--after", "x"], "x"),
                (["frobnicate"], "frobnicate"),
            ]
            for (words, text) in table {
                let line = try await site.control(words)
                #expect(line.exitCode == EX_USAGE && line.error.contains(text), "\(words): \(line.error)")
            }
            for words in [["--help"], ["probe", "--help"], ["status", "--help"]] {
                let line = try await site.control(words)
                #expect(line.exitCode == 0 && line.output.contains("Exit status:"), "\(words)")
            }
        }
    }

    @Test func aUsersPrivateDaemonIsFound() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let environment = site.withoutDaemon()
            #expect(try await site.run("job", script: "exit 0", environment: environment).exitCode == 0)
            let line = try await site.control(["status"], environment: environment)
            #expect(line.exitCode == 0 && line.output.contains("charond (private)"), "\(line)")
            #expect(line.output.contains("\(site.path)/home/.local/state/charon/charond.sock"))
            #expect(try await site.control(["probe", "job"], environment: environment).exitCode == 0)
        }
    }
}
