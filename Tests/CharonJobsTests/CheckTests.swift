import CharonCore
import CharonJobs
import CharonSchedule
import Foundation
import Testing

/// Each kind of finding, on a made-up host.
@Suite struct CheckTests {
    /// A host with a user, his home, and programs.
    private func host(_ change: (inout [String: FileFacts]) -> Void = { _ in }) -> HostFacts {
        var files: [String: FileFacts] = [:]
        for path in ["/", "/usr", "/usr/bin", "/home", "/home/shop", "/srv", "/etc"] {
            files[path] = FileFacts(.directory, mode: 0o755)
        }
        files["/home/shop"]?.uid = 1000
        for path in ["/usr/bin/php", "/usr/bin/env"] { files[path] = FileFacts(.file, mode: 0o755) }
        change(&files)
        let known = files
        var host = HostFacts(now: Instant(rfc3339: "2026-01-31T00:00:00Z".utf8) ?? Instant(seconds: 0))
        host.file = { known[$0] }
        host.account = {
            switch $0 {
            case "shop", "1000": Account(name: "shop", uid: 1000, gid: 1000, groups: [4], home: "/home/shop")
            case "root": Account(name: "root", uid: 0, gid: 0, home: "/")
            default: nil
            }
        }
        host.group = { $0 == "adm" ? 4 : nil }
        return host
    }

    private func codes(_ lines: String, on host: HostFacts, command: String = "[php]", user: String = "shop")
        -> [String]
    {
        findings(lines, on: host, command: command, user: user).map(\.code)
    }

    private func findings(_ lines: String, on host: HostFacts, command: String = "[php]", user: String = "shop")
        -> [Finding]
    {
        let loaded = JobReading.load("jobs:\n  a:\n    user: \(user)\n    command: \(command)\n    \(lines)\n")
        return Check.findings(of: loaded, on: host)
    }

    @Test func aGoodJobHasNone() {
        #expect(
            findings("schedule: \"*/5 * * * *\"\n    timeout: 4m\n    directory: /srv\n    group: adm", on: host())
                .isEmpty)
    }

    @Test func whatTheLoaderSaysIsAmongThem() {
        let found = findings("timout: 1m", on: host())
        #expect(found.map(\.code) == ["unknown-key"])
        #expect(found.first?.severity == .error)
        #expect(
            found.first?.description.hasPrefix("f:5:5: error: unknown key \"timout\" in the job \"a\"") == true
                && found.first?.description.hasSuffix("did you mean \"timeout\"? [unknown-key]") == true)
        #expect(found.first?.json["line"]?.integer == 5 && found.first?.json["code"]?.string == "unknown-key")
        #expect(codes("", on: host(), user: "\"\"") == ["invalid-value"])
        var loaded = LoadedJobs()
        loaded.notices = [SettingsError.Problem(.file, file: "a.yml", message: "m")]
        let notice = Check.findings(of: loaded, on: host())
        #expect(notice.map(\.code) == ["file-left-out"] && notice.first?.severity == .warning)
    }

    @Test func usersGroupsAndApplications() {
        #expect(codes("", on: host(), user: "nemo") == ["unknown-user"])
        #expect(codes("group: nemo", on: host()) == ["unknown-group"])
        var host = host()
        #expect(codes("application: shop", on: host).isEmpty, "nothing is known of applications")
        host.applications = ["shop"]
        #expect(codes("application: shop", on: host).isEmpty)
        #expect(codes("application: shops", on: host) == ["unknown-application"])
    }

    @Test(arguments: [
        ("[perl]", ["command-not-found"]), ("[/usr/bin/perl]", ["command-not-found"]), ("[php]", []),
        ("perl -e 1", ["command-not-found"]), ("php -r 1 | perl", []), ("cd /srv && perl", []), ("$PHP x", []),
        ("A=1 perl", []), ("[bin/tool]", ["command-not-found"]), ("[/usr/bin]", ["command-not-executable"]),
        ("[/usr/bin/tool]", ["command-not-executable"]), ("[/root/tool]", ["command-not-executable"]),
        ("[/usr/bin/group]", []), ("[/usr/bin/open]", ["command-of-others"]),
        ("[/usr/bin/script]", ["missing-interpreter"]), ("[/usr/bin/dos]", ["missing-interpreter"]),
        ("php -r 'date(\"\\%Y\")'", ["crontab-percent"]), ("/usr/bin/env x", []),
    ])
    func commands(_ command: String, _ expected: [String]) {
        var host = host { files in
            files["/usr/bin/tool"] = FileFacts(.file, mode: 0o644)
            files["/root"] = FileFacts(.directory, mode: 0o700)
            files["/root/tool"] = FileFacts(.file, mode: 0o755)
            files["/usr/bin/group"] = FileFacts(.file, mode: 0o750, gid: 4)
            files["/usr/bin/open"] = FileFacts(.file, mode: 0o757)
            files["/usr/bin/script"] = FileFacts(.file, mode: 0o755)
            files["/usr/bin/dos"] = FileFacts(.file, mode: 0o755)
        }
        host.head = { path, _ in
            switch path {
            case "/usr/bin/script": Array("#! /usr/bin/perl -w\n".utf8)
            case "/usr/bin/dos": Array("#!/usr/bin/env\r\nx".utf8)
            default: Array("ELF".utf8)
            }
        }
        #expect(codes("", on: host, command: command) == expected)
    }

    @Test func thePathIsTheJobsOwn() {
        let host = host { $0["/opt/perl"] = FileFacts(.file, mode: 0o755) }
        #expect(codes("environment: {PATH: \"/srv:/opt\"}", on: host, command: "[perl]") == ["command-not-executable"])
        #expect(codes("environment_files: -/etc/none", on: host, command: "[perl]").isEmpty, "a file may set PATH")
    }

    @Test func rootNeedsAnExecutableBitToo() {
        let host = host {
            $0["/root"] = FileFacts(.directory, mode: 0o700)
            $0["/root/tool"] = FileFacts(.file, mode: 0o600)
            $0["/root/run"] = FileFacts(.file, mode: 0o700)
        }
        #expect(codes("", on: host, command: "[/root/tool]", user: "root") == ["command-not-executable"])
        #expect(codes("", on: host, command: "[/root/run]", user: "root").isEmpty)
    }

    @Test func directories() {
        let host = host {
            $0["/secret"] = FileFacts(.directory, mode: 0o700)
            $0["/secret/in"] = FileFacts(.directory, mode: 0o755)
        }
        #expect(codes("directory: /none", on: host) == ["missing-directory"])
        #expect(codes("directory: /usr/bin/php", on: host) == ["missing-directory"])
        #expect(codes("directory: /secret", on: host) == ["forbidden-directory"])
        #expect(codes("directory: /secret/in", on: host) == ["forbidden-directory"])
        #expect(codes("", on: self.host { $0["/home/shop"] = nil }) == ["missing-directory"])
    }

    @Test(
        arguments: [
            ("A=1\n", 0o644, []), ("A=\"1\n", 0o600, ["bad-environment-file"]), ("API_KEY=x\n", 0o640, []),
            ("API_KEY=x\n", 0o644, ["open-environment-file"]),
        ] as [(String, UInt32, [String])])
    func environmentFiles(_ text: String, _ mode: UInt32, _ expected: [String]) {
        var host = host { $0["/etc/shop.env"] = FileFacts(.file, mode: mode) }
        host.head = { path, _ in path == "/etc/shop.env" ? Array(text.utf8) : nil }
        let found = findings("environment_files: /etc/shop.env", on: host)
        #expect(found.map(\.code) == expected)
        #expect(!found.contains { $0.message.contains("=x") || $0.message.contains("\"1") })
    }

    @Test func environmentFilesThatAreNotThere() {
        #expect(codes("environment_files: /etc/none", on: host()) == ["missing-environment-file"])
        #expect(codes("environment_files: -/etc/none", on: host()).isEmpty)
        #expect(codes("environment_files: /srv", on: host()) == ["bad-environment-file"])
        let unreadable = host { $0["/etc/shop.env"] = FileFacts(.file, mode: 0o600) }
        #expect(codes("environment_files: /etc/shop.env", on: unreadable) == ["bad-environment-file"])
    }

    @Test(arguments: [
        ("\"0 0 29 2 *\"", ["rarely-runs"]), ("\"0 0 1 1 *\"", []), ("\"@reboot\"", []),
        ("[\"0 5 * * *\", \"0 5 * * *\"]", ["runs-twice"]), ("[\"@daily\", \"0 0 * * *\"]", ["runs-twice"]),
    ])
    func schedules(_ text: String, _ expected: [String]) { #expect(codes("schedule: \(text)", on: host()) == expected) }

    /// Beyond the last instant there is no time.
    @Test func aScheduleThatIsNeverDue() {
        var host = host()
        host.now = Instant(seconds: .max).advanced(bySeconds: -86_400)
        #expect(codes("schedule: \"0 0 1 1 *\"", on: host) == ["never-runs"])
    }

    @Test func aTimeoutOverTheInterval() {
        #expect(codes("schedule: \"*/5 * * * *\"\n    timeout: 6m", on: host()) == ["timeout-over-interval"])
        #expect(codes("schedule: \"*/5 * * * *\"\n    timeout: 5m", on: host()).isEmpty)
        #expect(codes("schedule: \"*/5 * * * *\"\n    timeout: 6m\n    overlap: allow", on: host()).isEmpty)
        #expect(codes("schedule: \"*/5 * * * *\"\n    timeout: 6m\n    enabled: false", on: host()).isEmpty)
        #expect(
            codes("schedule: [\"0 5 * * *\", \"10 5 * * *\"]\n    timeout: 11m", on: host()) == [
                "timeout-over-interval"
            ])
    }

    @Test func runsThatUsuallyTakeTooLong() {
        var host = host()
        host.usualDuration = { $0.text == "a" ? .seconds(250) : nil }
        #expect(codes("schedule: \"*/5 * * * *\"", on: host) == ["overlap-risk"])
        #expect(codes("schedule: \"*/6 * * * *\"", on: host).isEmpty)
    }

    @Test func aSlugThatACrontabWrapsToo() {
        var host = host()
        host.wrapped = WrappedLine.all(in: "* * * * * root charon-run --timeout 5m a -- x\n", file: "/etc/crontab")
        let found = findings("", on: host)
        #expect(found.map(\.code) == ["also-wrapped"])
        #expect(found.first?.message.contains("/etc/crontab:1") == true)
    }

    @Test(arguments: [
        ("environment: {API_TOKEN: hunter2hunter}", "[php]"), ("nice: 1", "[php, --password=hunter2hunter]"),
        ("nice: 1", "php x --api-key=\"hunter2hunter\""), ("nice: 1", "[php, \"https://u:hunter2hunter@a.example/\"]"),
        ("nice: 1", "[php, ghp_hunter2hunter2hunter2]"),
    ])
    func secrets(_ line: String, _ command: String) {
        let found = findings(line, on: host(), command: command)
        #expect(found.map(\.code) == ["literal-secret"])
        #expect(!found.contains { $0.message.contains("hunter2") })
    }

    @Test(arguments: [
        ("environment: {API_KEY: /etc/key}", "[php]"), ("nice: 1", "php x --password=$PASSWORD --token=@/etc/token"),
        ("nice: 1", "[php, --key=5, --tokens=7]"),
    ])
    func whatIsNoSecret(_ line: String, _ command: String) {
        #expect(codes(line, on: host(), command: command).isEmpty)
    }

    /// No kind of finding is without a test here.
    @Test func everyKindHasATest() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        for code in FindingCode.allCases {
            #expect(source.contains("\"\(code.rawValue)\""), "\(code)")
        }
        #expect(FindingCode.allCases.count + SettingsError.Problem.Code.allCases.count >= 15)
    }
}

/// What this host says, and what records say.
@Suite struct HostTests {
    @Test(arguments: [
        ("* * * * * root charon-run a -- x", "a"), ("*/5 * * * * /usr/bin/charon-run --quiet a -- x", "a"),
        ("@daily charon-run --overlap=skip --timeout 5m a -- x", "a"), ("# * * * * * charon-run a -- x", nil),
        ("* * * * * root run a -- x", nil), ("* * * * * charon-run --quiet -- x", nil), ("", nil),
        ("0 0 * * * cd /srv; charon-run a -- x", "a"),
    ])
    func wrappedLinesAreFound(_ line: String, _ slug: String?) {
        let found = WrappedLine.all(in: "SHELL=/bin/sh\n\(line)\n", file: "f")
        #expect(found.map(\.slug.text) == [slug].compactMap(\.self))
        #expect(found.allSatisfy { $0.line == 2 })
    }

    @Test func thisHostIsAsked() throws {
        let directory = try TemporaryDirectory()
        try directory.write("crontab", "* * * * * root charon-run a -- x\n")
        let host = HostFacts.system(
            zone: .utc, applications: nil, state: directory.path, crontabs: [directory.path, directory.path + "/none"])
        let root = try #require(host.account("root"))
        #expect(root == host.account("0") && root.uid == 0 && root.home == "/root" && root.groups.contains(0))
        #expect(host.account("no such user") == nil && host.account("4294967294") == nil)
        #expect(host.group("root") == 0 && host.group("no such group") == nil)
        #expect(host.file("/bin/sh")?.kind == .file && host.file("/")?.kind == .directory)
        #expect(host.file("/dev/null")?.kind == .other && host.file("/none") == nil)
        #expect(host.head("/bin/sh", 4) == [0x7F, 0x45, 0x4C, 0x46] && host.head("/dev/zero", 4) == nil)
        #expect(host.wrapped.map(\.slug.text) == ["a"])
    }

    @Test func usualDurationsAreTheMedianOfRecords() throws {
        let directory = try TemporaryDirectory()
        var history = "torn\n"
        for (index, second) in [10, 30, 20].enumerated() {
            history +=
                #"{"slug":"a","asked_at":"2026-01-0\#(index + 1)T00:00:00Z","ended_at":"2026-01-0\#(index + 1)T00:00:\#(second)Z","outcome":{"kind":"exited","code":0}}"#
                + "\n"
        }
        try directory.write("history.jsonl", history)
        let a = try #require(Slug("a"))
        let b = try #require(Slug("b"))
        #expect(RunDurations(state: directory.path).usual(of: a) == .seconds(20))
        #expect(RunDurations(state: directory.path).usual(of: b) == nil)
        for (index, milliseconds) in [100, 900, 500, 700].enumerated() {
            let run = directory.path + "/runs/b/2026010\(index)"
            try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
            let kind = index == 1 ? "killed" : "exited"
            try #"{"outcome":{"kind":"\#(kind)","code":0},"duration_ms":\#(milliseconds)}"#
                .write(toFile: run + "/exit.json", atomically: true, encoding: .utf8)
        }
        #expect(RunDurations(state: directory.path).usual(of: b) == TimeSpan(milliseconds: 500))
        #expect(RunDurations(state: "/none").usual(of: a) == nil)
    }
}
