import CharonCore
import CharonJobs
import Foundation
import Testing

/// Job files where they lie.
@Suite struct JobLoaderTests {
    private let directory: TemporaryDirectory
    private let jobs: String

    init() throws {
        directory = try TemporaryDirectory()
        jobs = directory.path + "/jobs.d"
        try #require(mkdir(jobs, 0o755) == 0)
    }

    private func load() -> LoadedJobs { JobLoader().load(directory: jobs) }

    private func write(_ name: String, _ slugs: String..., mode: mode_t = 0o644) throws {
        let text = "jobs:\n" + slugs.map { "  \($0): {user: root, command: x}\n" }.joined()
        try directory.write("jobs.d/\(name)", text, mode: mode)
    }

    /// The problems, with `jobs.d` in place of the whole path.
    private func problems() -> [String] {
        load().problems.map { $0.description.replacing(jobs, with: "jobs.d").replacing(directory.path, with: "etc") }
    }

    @Test func filesAreReadInTheOrderOfTheirNames() throws {
        try write("20-b.yaml", "b", "a")
        try write("10-a.yaml", "a")
        try write("Z.yaml", "z")
        let loaded = load()
        #expect(
            loaded.jobs.map(\.source.description).map { $0.replacing(jobs, with: "") } == [
                "/10-a.yaml:2:3", "/20-b.yaml:2:3", "/Z.yaml:2:3",
            ])
        #expect(
            problems() == ["jobs.d/20-b.yaml:3:3: the job \"a\" is defined already at jobs.d/10-a.yaml:2:3: keep one"])
    }

    @Test func otherFilesAreLeftOut() throws {
        try write("a.yaml", "a")
        for name in [".b.yaml", "c.yaml~", "c.yaml.dpkg-old", "README"] { try write(name, "x") }
        try write("d.yml", "d")
        try write("e.YAML", "e")
        let loaded = load()
        #expect(loaded.jobs.map(\.slug.text) == ["a"])
        #expect(loaded.problems.isEmpty)
        #expect(
            loaded.notices.map { $0.description.replacing(jobs, with: "") } == [
                "/d.yml: the file is left out: its name must end in .yaml",
                "/e.YAML: the file is left out: its name must end in .yaml",
            ])
    }

    @Test func aFileThatIsNoYAMLLosesItsJobsOnly() throws {
        try write("a.yaml", "a")
        try directory.write("jobs.d/b.yaml", "jobs: {b: [", mode: 0o644)
        try directory.write("jobs.d/c.yaml", "jobs:\n  c\u{FF}: 1\n", mode: 0o644)
        try write("d.yaml", "d")
        let loaded = load()
        #expect(loaded.jobs.map(\.slug.text) == ["a", "d"])
        #expect(loaded.problems.map(\.code) == [.yaml, .value])
    }

    @Test(arguments: [0o664, 0o646, 0o666] as [mode_t])
    func aFileThatOthersMayWriteIsRefused(_ mode: mode_t) throws {
        try write("a.yaml", "a", mode: mode)
        try write("b.yaml", "b")
        #expect(load().jobs.map(\.slug.text) == ["b"])
        #expect(
            problems() == [
                "jobs.d/a.yaml: the job file must not be writable by others: chmod go-w jobs.d/a.yaml"
            ])
        #expect(load().problems.map(\.code) == [.trust])
    }

    @Test func whatIsNoFileIsRefused() throws {
        try #require(mkdir(jobs + "/a.yaml", 0o755) == 0 && mkfifo(jobs + "/b.yaml", 0o600) == 0)
        try #require(symlink("/nowhere", jobs + "/c.yaml") == 0)
        #expect(
            problems() == [
                "jobs.d/a.yaml: the job file must be a regular file",
                "jobs.d/b.yaml: the job file must be a regular file",
                "jobs.d/c.yaml: the job file cannot be opened: No such file or directory",
            ])
    }

    @Test(.enabled(if: geteuid() == 0, "giving a file away takes root"))
    func aFileOfSomeoneElseIsRefused() throws {
        try write("a.yaml", "a")
        try #require(chown(jobs + "/a.yaml", 65_534, 0) == 0)
        #expect(problems() == ["jobs.d/a.yaml: the job file must belong to root, not to uid 65534: chown it"])
        try #require(chown(jobs + "/a.yaml", 0, 0) == 0 && chown(jobs, 65_534, 0) == 0)
        #expect(problems() == ["jobs.d: the directory must belong to root, not to uid 65534: chown it"])
    }

    @Test func theDirectoriesAreJudgedToo() throws {
        try write("a.yaml", "a")
        #expect(load().jobs.count == 1)
        for (path, name) in [(jobs, "jobs.d"), (directory.path, "etc")] {
            try #require(chmod(path, 0o777) == 0)
            #expect(problems() == ["\(name): the directory must not be writable by others: chmod go-w \(name)"])
            #expect(load().jobs.isEmpty)
            try #require(chmod(path, 0o755) == 0)
        }
    }

    @Test func aHostWithoutJobFilesHasNoJobs() throws {
        #expect(JobLoader().load(directory: directory.path + "/none").problems.isEmpty)
    }

    @Test func aFileThatIsTooLargeIsRefused() throws {
        let line = String(repeating: "#", count: 1 << 16) + "\n"
        try directory.write("jobs.d/a.yaml", String(repeating: line, count: 64), mode: 0o644)
        #expect(problems() == ["jobs.d/a.yaml: the job file must have at most 4194304 bytes"])
    }

    /// The examples are good, and say what they are said to say.
    @Test func theExamplesLoad() throws {
        let config = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/config"
        let yaml = try String(contentsOfFile: config + "/charon.yaml", encoding: .utf8)
        let users = UserTable(passwd: "www-data:x:33:33::/var/www:/bin/false\n")
        var terms = JobTerms()
        terms.defaults = try Settings.parse(text: yaml, file: "charon.yaml", users: users).defaults
        let names = try FileManager.default.contentsOfDirectory(atPath: config + "/jobs.d").sorted()
        var jobs: [Job] = []
        for name in names {
            let text = try String(contentsOfFile: "\(config)/jobs.d/\(name)", encoding: .utf8)
            let loaded = JobLoader(terms).load(text: text, file: name)
            #expect(loaded.problems.isEmpty)
            jobs += loaded.jobs
        }
        // EndToEndTests look into the calls.
        let calls = jobs.filter { $0.command.arguments[0] == "/usr/bin/charon-call" }
        #expect(calls.count == 12 && calls.allSatisfy { $0.user == "www-data" })
        jobs.removeAll { $0.command.arguments[0] == "/usr/bin/charon-call" }
        #expect(jobs.map(\.slug.text) == ["shop-orders", "shop-report", "backup", "certificates"])
        #expect(jobs.allSatisfy { $0.timezone == "Europe/Paris" && $0.environment.contains { $0.name == "LANG" } })
        #expect(jobs[1].environment.map(\.name) == ["LANG", "APP_ENV", "PATH"])
        #expect(jobs[2].options.whenUnreachable == .run && !jobs[3].isEnabled)
    }
}
