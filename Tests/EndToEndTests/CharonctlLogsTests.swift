import CharonCore
import Glibc
import Testing

/// What runs have written, as an operator sees it with charonctl.
@Suite(.serialized)
struct CharonctlLogsTests {
    /// Without the time in front of each line.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in
            let rest = line.drop { $0 != " " }.dropFirst()
            return line.hasPrefix("20") ? String(rest) : String(line)
        }
    }

    private func objects(_ text: String) throws -> [JSON] {
        try text.split(separator: "\n").map { try JSON.parse($0.utf8) }
    }

    /// A job with a block, in which stderr and stdout come in their order.
    private static let fatal = """
        echo plain; sleep 0.05
        printf '%s\\n' 'PHP Fatal error:  Uncaught Exception: no in /a.php:1' 'Stack trace:' '#0 {main}' >&2; sleep 0.05
        echo '<4>careful'; sleep 0.05; echo ' [OK] done'
        """

    @Test func theLinesHaveTheirLevels() async throws {
        try await Site.running("job", "other") { site in
            #expect(try await site.run("other", script: "echo foreign").exitCode == 0)
            #expect(try await site.run("job", script: "echo before").exitCode == 0)
            try await Task.sleep(for: .milliseconds(20))
            let between = Instant.now().rfc3339
            #expect(try await site.run("job", script: Self.fatal).exitCode == 0)
            let expected = [
                "info    plain", "error   PHP Fatal error:  Uncaught Exception: no in /a.php:1", "error   Stack trace:",
                "error   #0 {main}", "warning careful", "success  [OK] done",
            ]
            let last = try await site.control("logs", "job")
            #expect(last.exitCode == 0 && last.error == "" && lines(last.output) == expected, "\(last)")
            #expect(last.output.wholeMatch(of: /(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ [a-z].*\n)+/) != nil)
            func logs(_ words: String...) async throws -> [String] {
                lines(try await site.control(["logs", "job"] + words).output)
            }
            #expect(try await logs("--level", "error") == Array(expected[1...3]))
            #expect(try await logs("--level", "warning") == Array(expected[1...4]))
            #expect(try await logs("--stream", "stdout") == [expected[0]] + expected[4...])
            // All runs since then, each under its name.
            let all = try await logs("--since", "1h")
            #expect(all.count == 9 && all[0].hasPrefix("==> job 20") && all[1] == "info    before")
            #expect(all[2].hasPrefix("==> job 20") && Array(all[3...]) == expected)
            #expect(try await logs("--since", between).dropFirst() == expected[...])
            let none = try await site.control("logs", "job", "--since", "0s")
            #expect(none.exitCode == 1 && none.error.contains("no output of job is kept since then"), "\(none)")

            let objects = try objects(try await site.control("logs", "job", "--json").output)
            #expect(objects.map { $0["level"] } == ["info", "error", "error", "error", "warning", "success"])
            #expect(objects[1]["stream"] == "stderr" && objects[0]["text"] == "plain" && objects[0]["slug"] == "job")
            #expect(objects[0]["offset"] == 0 && objects[0]["at"]?.string?.count == 30)
            let run = try #require(objects[0]["run"]?.string)
            #expect(lines(try await site.control("logs", run).output) == expected)
            for (words, text) in [
                (["logs", "nobody"], "no output of nobody is kept"),
                (["logs", "20200101T000000000-000000000000"], "there is no such run"),
            ] {
                let line = try await site.control(words)
                #expect(line.exitCode == 1 && line.output == "" && line.error.contains(text), "\(line)")
            }
            for words in [
                ["logs"], ["logs", "../x"], ["logs", "job", "--level", "debug"], ["logs", "job", "--since", "x"],
            ] {
                #expect(try await site.control(words).exitCode == EX_USAGE, "\(words)")
            }
            for command in ["logs", "run", "runs"] {
                #expect(try await site.control(command, "--help").output.contains("Exit status:"))
            }
        }
    }

    @Test func itFollowsOverRunsAndRestarts() async throws {
        try await Site.running("job") { site in
            let follower = try Spawned(
                [Programs.control, "logs", "job", "--follow"], in: site.path,
                environment: ["CHARON_SOCKET": site.socket, "HOME": site.path, "CHARON_TEST_SITE": site.path])
            func shown() -> [String] { lines(follower.standardOutput) }
            for number in 1...2 {
                let script = "echo begin \(number); until [ -e go\(number) ]; do sleep 0.02; done; echo end \(number)"
                let line = try site.start("job", command: ["sh", "-c", script])
                // While the command still runs.
                try await eventually("its first line: \(follower.standardError)") {
                    shown().last == "info    begin \(number)"
                }
                #expect(line.exitCode == nil)
                if number == 2 {
                    // The daemon goes and comes back in the middle of a run: nothing comes twice.
                    try await site.stopDaemon()
                    try await eventually("its complaint") { follower.standardError.contains("waiting for it") }
                    try await site.startDaemon()
                }
                try write("", to: "\(site.path)/go\(number)")
                #expect(try await line.exitCode() == 0)
                try await eventually("its end") { shown().last?.hasSuffix(": exit 0") == true }
            }
            let all = shown()
            #expect(
                all.filter { !$0.hasPrefix("==>") } == ["begin 1", "end 1", "begin 2", "end 2"].map { "info    \($0)" })
            #expect(all.count == 8 && all[0].hasPrefix("==> job 20") && all[3].hasSuffix(": exit 0"), "\(all)")
            #expect(follower.exitCode == nil && follower.complaints.count == 1, "\(follower.standardError)")
            follower.send(SIGINT)
            #expect(try await follower.exitCode() == 128 + SIGINT)
        }
    }

    @Test func followingOneRunEndsWithIt() async throws {
        try await Site.running("job") { site in
            let line = try site.start(
                "job",
                command: ["sh", "-c", "printf half; touch mark-on; until [ -e go ]; do sleep 0.02; done; exit 3"])
            try await site.reached("on")
            let runs = try await site.control("runs", "job", "--json").json()
            let run = try #require(runs["runs"]?.array?.first?["run"]?.string)
            let follower = try Spawned(
                [Programs.control, "logs", run, "-f", "--json"], in: site.path,
                environment: ["CHARON_SOCKET": site.socket, "HOME": site.path, "CHARON_TEST_SITE": site.path])
            try write("", to: "\(site.path)/go")
            #expect(try await line.exitCode() == 3)
            #expect(try await follower.exitCode() == 0, "\(follower.standardError)")
            let objects = try objects(follower.standardOutput)
            #expect(objects.count == 2 && objects[0]["text"] == "half", "\(objects)")
            #expect(objects[1]["outcome"]?["code"] == 3)
        }
    }

    @Test func longLinesAndBytesAreWholeWhereNoTerminalIs() async throws {
        try await Site.running("job") { site in
            let script = #"head -c 50000 /dev/zero | tr '\0' 'x'; printf 'end\n\033[31mred\033[0m \377\n'"#
            #expect(try await site.run("job", script: script).exitCode == 0)
            let raw = try Spawned(
                [Programs.control, "logs", "job"], in: site.path,
                environment: ["CHARON_SOCKET": site.socket, "HOME": site.path, "CHARON_TEST_SITE": site.path])
            #expect(try await raw.exitCode() == 0)
            let found = bytes(of: raw.outputPath).split(separator: 0x0A)
            #expect(found.count == 2 && found.first?.count == 25 + 8 + 50_003)
            #expect(found.last.map { Array($0.dropFirst(33)) } == Array("\u{1B}[31mred\u{1B}[0m ".utf8) + [0xFF])
            let objects = try objects(try await site.control("logs", "job", "--json").output)
            #expect(objects.first?["text"]?.string?.utf8.count == 50_003)
            #expect(objects.last?["text"] == "\u{1B}[31mred\u{1B}[0m \u{FFFD}")
        }
    }

    @Test func onATerminalThereAreColoursAndNothingThatIsNotOurs() async throws {
        try await Site.running("job") { site in
            let script =
                #"head -c 20000 /dev/zero | tr '\0' 'x'; printf '\n\033]0;title\007\033[31mred\rback\n\302\233c1\n'; echo error: bad >&2"#
            #expect(try await site.run("job", script: script).exitCode == 0)
            let words = "\(Programs.control) logs job --socket \(site.socket)"
            let line = try Spawned(
                ["script", "--quiet", "--return", "--command", words, "/dev/null"], in: site.path,
                environment: ["TERM": "xterm", "CHARON_TEST_SITE": site.path])
            #expect(try await line.exitCode() == 0, "\(line.standardOutput)")
            let text = line.standardOutput
            #expect(text.contains("info    ^[]0;title^G^[[31mred^Mback\r\n"), "\(text.suffix(500))")
            #expect(text.contains("info    \\u{9b}c1\r\n"))
            #expect(text.contains("\u{1B}[31merror   error: bad\u{1B}[0m\r\n"))
            #expect(text.contains("xxx… (3616 bytes more)\r\n"))
            #expect(text.count { $0 == "\u{1B}" } == 2)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "not root")) func theGroupAdmReadsAllAndOthersTheirOwn() async throws {
        try await Site.running("theirs") { site in
            #expect(try await site.run("theirs", script: "echo mine", uid: stranger).exitCode == 0)
            _ = try await site.ended("theirs")
            let adm = try #require(
                try await output(["getent", "group", "adm"], in: site.path).split(separator: ":").dropFirst(2).first)
            func logs(as words: [String]) async throws -> Line {
                let command = try Spawned(
                    words + [Programs.control, "logs", "theirs"], in: site.path,
                    environment: ["CHARON_SOCKET": site.socket, "HOME": site.path, "CHARON_TEST_SITE": site.path])
                let code = try await command.exitCode()
                return Line(exitCode: code, output: command.standardOutput, error: command.standardError)
            }
            let many = (1000..<1100).map { "\($0)" }.joined(separator: ",")
            let other = ["setpriv", "--reuid=\(nobody)", "--regid=\(nobody)"]
            for words in [
                Site.becoming(stranger), other + ["--groups=\(adm)"], other + ["--groups=\(many),\(adm)"],
                ["setpriv", "--reuid=\(nobody)", "--regid=\(adm)", "--clear-groups"],
            ] {
                let line = try await logs(as: words)
                #expect(line.exitCode == 0 && lines(line.output) == ["info    mine"], "\(words): \(line)")
            }
            for words in [other + ["--clear-groups"], other + ["--groups=\(many)"]] {
                let line = try await logs(as: words)
                #expect(line.exitCode == 1 && line.output == "", "\(words): \(line)")
            }
        }
    }

    @Test func oneRunIsShownWithAllThatIsRecorded() async throws {
        try await Site.running("job") { site in
            let line = try await site.run(
                "--success-codes", "0,7", "job", command: ["sh", "-c", "echo 'a b'; echo no >&2; exit 7"])
            #expect(line.exitCode == 7)
            #expect(try await site.run("job", script: "exit 4").exitCode == 4)
            _ = try await site.ended("job", count: 2)
            let runs = try await site.control("runs", "--json").json()["runs"]?.array ?? []
            let names = runs.compactMap { $0["run"]?.string }
            #expect(names.count == 2)
            let failed = try await site.control("runs", "job", "--failed", "--json").json()["runs"]?.array
            #expect(failed?.map { $0["run"]?.string } == [names[1]])
            #expect(try await site.control("runs", "--since", "0s").output == "no such runs are recorded\n")
            #expect(try await site.control("list").output == site.control("runs").output)
            let text = try await site.control("run", names[0]).output
            for part in [
                "run \(names[0])\n", "  state          exit 7\n", "sh -c 'echo '\\''a b'\\''; echo no >&2; exit 7'",
                "  success codes  0,7\n", "1 line of stdout, 1 of stderr", "  gate           yes\n",
                "  record         \(site.state)/runs/job/\(names[0])\n", "  memory         ", "  processor      ",
            ] { #expect(text.contains(part), "\(part): \(text)") }
            let json = try await site.control("run", names[1], "--json").json()
            #expect(json["ended"]?["exit_code"] == 4 && json["delivery"]?["start"] == "answered")
            let unknown = try await site.control("run", "20200101T000000000-000000000000")
            #expect(unknown.exitCode == 1 && unknown.error.contains("there is no such run"))
        }
    }

    @Test func whatIsNoLongerKeptIsSaid() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let file = "\(site.path)/charon.yaml"
            let text = """
                applications: {default: {url: "\(site.url)", key_file: \(site.keyFile)}}
                keep: {runs: 1}
                """
            try write(text, to: file, mode: 0o644)
            try await site.startDaemon(["--config", file])
            #expect(try await site.run("job", script: "echo one").exitCode == 0)
            let run = try #require(site.records(of: "job").first?.split(separator: "/").last).description
            #expect(try await site.run("job", script: "echo two").exitCode == 0)
            try await eventually("its retirement") { site.records(of: "job").count == 1 }
            let line = try await site.control("logs", run)
            #expect(line.exitCode == 1 && line.error.contains("its output is no longer kept"), "\(line)")
            let past = try await site.control("run", run).output
            #expect(past.contains("exit 0") && past.contains("no longer kept"), "\(past)")
            #expect(lines(try await site.control("logs", "job").output) == ["info    two"])
        }
    }
}
