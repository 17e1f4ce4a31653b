import CLinux
import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import Glibc
import Testing

/// A job from its file to its process: what the file says is what the command finds.
@Suite(.enabled(if: geteuid() == 0, "not root"))
struct JobStartTests {
    private static let script = """
        id -un; id -gn; id -Gn; pwd; umask; ulimit -n; nice; env | grep -v '^_=' | sort
        """

    /// Starts the job `nightly` of a job file as the daemon's user would, without Charon.
    private func start(_ lines: String, in place: Scratch) async throws -> Line {
        mkdir("\(place.path)/jobs.d", 0o755)
        try write("jobs:\n  nightly:\n\(lines)", to: "\(place.path)/jobs.d/a.yaml")
        let loaded = JobLoader().load(directory: "\(place.path)/jobs.d")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        let job = try #require(loaded.jobs.first)
        let host = HostFacts.system(zone: .utc, applications: nil, state: place.path, crontabs: [])
        let account = try #require(job.user.flatMap(host.account))
        let files = try job.options.environmentFiles.flatMap { file in
            try EnvironmentFile.parse(try #require(host.head(file.path, 65_536)))
        }
        let setup = job.setup(of: account, group: job.group.flatMap(host.group), files: files).json.bytes
        let memory = clinux_sealed_memory("setup", setup, setup.count)
        try #require(memory >= 0)
        defer { close(memory) }
        let record = try ["supervisor", "output.log"].map {
            try Descriptor.open("\(place.path)/\($0)", O_RDWR | O_CREAT | O_APPEND, mode: 0o600)
        }
        try #require(clinux_lock(record[0].number) == 0)
        let run = try Spawned(
            [Programs.run, "--record", "3:4", "--setup", "5", "nightly", "--"] + job.command.arguments, in: place.path,
            environment: ["SHOP_TOKEN": "of the daemon", "HOME": "/root"],
            descriptors: record.map(\.number) + [memory])
        let code = try await run.exitCode()
        return Line(exitCode: code, output: run.standardOutput, error: run.standardError)
    }

    @Test func theProcessIsAsTheFileSays() async throws {
        let place = try Scratch()
        defer { place.remove() }
        let variables = "\(place.path)/cron.env"
        try write("SHOP_TOKEN=\"from the file 4711\"\nAPP_ENV=test\n", to: variables)
        chmod(variables, 0o600)
        let result = try await start(
            """
                user: www-data
                group: adm
                command: \(JSON.string(Self.script))
                directory: /usr
                environment_files: \(variables)
                environment: {APP_ENV: prod}
                umask: "027"
                nice: 5
                limits: {open_files: 200}

            """, in: place)
        #expect(result.exitCode == 0 && result.error == "", "\(result)")
        #expect(
            result.output.split(separator: "\n").map(String.init) == [
                "www-data", "adm", "adm www-data", "/usr", "0027", "200", "5", "APP_ENV=prod", "CHARON_SLUG=nightly",
                "HOME=/var/www", "LOGNAME=www-data", "PATH=/usr/bin:/bin", "PWD=/usr", "SHELL=/bin/sh",
                "SHOP_TOKEN=from the file 4711", "USER=www-data",
            ])
        let record = String(decoding: try RecordFile.read("\(place.path)/output.log") ?? [], as: UTF8.self)
        #expect(record.contains("SHOP_TOKEN=<redacted>") && !record.contains("4711"), "\(record)")
    }

    @Test func aDirectoryThatTheUserMayNotEnterIsNamed() async throws {
        let place = try Scratch()
        defer { place.remove() }
        mkdir("\(place.path)/closed", 0o700)
        let result = try await start(
            "    user: www-data\n    command: [echo, ran]\n    directory: \(place.path)/closed\n", in: place)
        #expect(result.exitCode == 125 && result.output == "")
        #expect(result.error == "charon-run: \(place.path)/closed: chdir: Permission denied\n", "\(result.error)")
    }

    @Test func aProgramThatIsNotOnTheJobsPathIsNotFound() async throws {
        let place = try Scratch()
        defer { place.remove() }
        let result = try await start(
            "    user: www-data\n    command: [env]\n    directory: /\n    environment: {PATH: /nonexistent}\n",
            in: place)
        #expect(result.exitCode == 127, "\(result)")
    }
}
