import CharonCore
import CharonJobs
import CharonLevels
import CharonSchedule
import Glibc
import Testing

/// Values of single keys, and what is computed from them.
@Suite struct JobValueTests {
    @Test func everyKeyIsRead() throws {
        let job = try JobReading.job(
            """
            jobs:
              shop-orders:
                schedule: ["15 3 * * MON-FRI", "@reboot"]
                timezone: Europe/Paris
                enabled: false
                spread: 10min
                overlap: queue
                catch_up: {missed: once, look_back: 12h}
                start_deadline: 5min
                retries: {count: 3, delay: 30s, multiplier: 3, max_delay: 10min}
                command: [/usr/bin/php, orders.php]
                user: www-data
                group: adm
                application: shop
                cron_id: 4711
                directory: /srv/shop
                environment: {APP_ENV: prod}
                environment_files: [/etc/shop.env, -/etc/shop.local]
                umask: 027
                nice: -5
                io_priority: best-effort:6
                limits: {open_files: 4096, processes: unlimited, core_size: 0, cpu_time: 1h, memory: 512M, tasks: 9, cpu: 150%}
                timeout: 1h30m
                stop_signal: USR1
                stop_grace: 1min
                success_codes: [0, 3, 10-12]
                when_unreachable: skip
                when_unknown: skip
                uncertain_start: never
                levels: {stdout: success, stderr: info, rules: ["drop:starts_with:#"], presets: [php, words]}
                send_level: warning
                journal_level: none
                redact: token=*
                keep: {runs: 10, for: 30d}
            """)
        #expect(job.schedules == [try Schedule("15 3 * * 1-5", seed: 0), try Schedule("@reboot", seed: 0)])
        #expect(job.timezone == "Europe/Paris" && !job.isEnabled)
        #expect(job.command == .words(["/usr/bin/php", "orders.php"]))
        #expect(job.user == "www-data" && job.group == "adm" && job.cronID?.text == "4711")
        #expect(job.environment == [EnvironmentVariable("APP_ENV", "prod")])
        var options = JobOptions()
        options.spread = .seconds(600)
        options.overlap = .queue
        options.catchUp.missed = .once
        options.catchUp.lookBack = .seconds(43_200)
        options.startDeadline = .seconds(300)
        options.retries.count = 3
        options.retries.delay = .seconds(30)
        options.retries.multiplier = 3
        options.retries.maxDelay = .seconds(600)
        options.application = "shop"
        options.directory = "/srv/shop"
        options.environmentFiles = ["/etc/shop.env", "-/etc/shop.local"].compactMap { EnvironmentFile($0) }
        options.umask = 0o027
        options.nice = -5
        options.ioPriority = IOPriority("best-effort:6")
        options.limits.openFiles = .most(4096)
        options.limits.processes = .unlimited
        options.limits.coreSize = .most(0)
        options.limits.cpuTime = .most(3600)
        options.limits.memory = ByteCount(512 << 20)
        options.limits.tasks = 9
        options.limits.cpu = 150
        options.timeout = .seconds(5400)
        options.stopSignal = try #require(SignalName("SIGUSR1"))
        options.stopGrace = .seconds(60)
        options.successCodes = try #require(SuccessCodes("0,3,10-12"))
        options.whenUnreachable = .skip
        options.whenUnknown = .skip
        options.uncertainStart = .never
        options.levels.stdout = .success
        options.levels.stderr = .info
        options.levels.rules = [try LevelRule("drop:starts_with:#")]
        options.levels.presets = [.php, .words]
        options.sendLevel = .warning
        options.journalLevel = nil
        options.redactions = [try RedactionGlob("token=*".utf8)]
        var keep = Settings.Keep()
        keep.runs = 10
        keep.age = .seconds(30 * 86_400)
        options.keep = keep
        #expect(job.options == options)
        #expect(options.environmentFiles.map(\.isOptional) == [false, true])
    }

    @Test func shortFormsStandForTheirFirstKey() throws {
        #expect(try JobReading.job(with: "retries: 3").options.retries.count == 3)
        #expect(try JobReading.job(with: "catch_up: all").options.catchUp.missed == .all)
        #expect(try JobReading.job(with: "success_codes: 0,3").options.successCodes == SuccessCodes("0,3"))
        #expect(try JobReading.job(with: "schedule: \"@daily\"").schedules.count == 1)
        #expect(try JobReading.job(with: "levels: {presets: none}").options.levels.presets == [])
    }

    @Test(arguments: [
        (1, 2, 3600, [10, 20, 40, 80]), (10, 2, 35, [10, 20, 35, 35]), (10, 1, 3600, [10, 10, 10, 10]),
        (50, 2, 30, [30, 30, 30, 30]),
    ])
    func delaysGrowUpToTheLongest(_ first: Int64, _ multiplier: Int, _ longest: Int64, _ expected: [Int64]) {
        var retries = Retries()
        retries.delay = .seconds(first == 1 ? 10 : first)
        retries.multiplier = multiplier
        retries.maxDelay = .seconds(longest)
        #expect((1...4).map { retries.delay(before: $0) } == expected.map { .seconds($0) })
        #expect(retries.delay(before: 100_000) <= retries.maxDelay)
    }

    @Test(arguments: SignalName.names) func signalsHaveTheirNumbers(_ name: String) throws {
        let signal = try #require(SignalName(name))
        #expect(signal == SignalName("SIG\(name)") && signal.description == "SIG\(name)")
        #expect(SignalName("TERM")?.number == SIGTERM && SignalName("KILL")?.number == SIGKILL)
        #expect(SignalName("CHLD") == nil && SignalName("sigterm") == nil)
    }

    @Test func whatJobsHaveInCommonIsKeptOnce() {
        let loaded = JobReading.load(
            "jobs:\n" + (0..<9).map { "  j\($0): {user: u, command: x, timeout: \($0 % 2 + 1)m}\n" }.joined())
        #expect(loaded.jobs.map(\.options.timeout?.seconds) == [60, 120, 60, 120, 60, 120, 60, 120, 60])
    }
}

/// The order in which jobs are due.
@Suite struct AgendaTests {
    private func due(_ text: String, from: String, _ count: Int) throws -> [String] {
        var agenda = Agenda(of: JobReading.load(text).jobs, from: try #require(Instant(rfc3339: from.utf8)))
        return (0..<count).compactMap { _ in agenda.next().map { "\($0.instant.text(in: $0.zone)) \($0.job.slug)" } }
    }

    @Test func jobsComeInTheOrderOfTheirTimes() throws {
        let text = """
            jobs:
              b: {user: u, command: x, timezone: UTC, schedule: "*/20 * * * *"}
              a: {user: u, command: x, timezone: UTC, schedule: ["0 * * * *", "30 * * * *"]}
              off: {user: u, command: x, timezone: UTC, schedule: "* * * * *", enabled: false}
              boot: {user: u, command: x, schedule: "@reboot"}
              paris: {user: u, command: x, schedule: "CRON_TZ=Europe/Paris 45 1 * * *"}
            """
        #expect(
            try due(text, from: "2026-01-31T00:00:00Z", 8) == [
                "2026-01-31T00:20:00+00:00 b", "2026-01-31T00:30:00+00:00 a", "2026-01-31T00:40:00+00:00 b",
                "2026-01-31T01:45:00+01:00 paris", "2026-01-31T01:00:00+00:00 a", "2026-01-31T01:00:00+00:00 b",
                "2026-01-31T01:20:00+00:00 b", "2026-01-31T01:30:00+00:00 a",
            ])
    }

    /// Europe/Paris: 2026-03-29 02:00 +01:00 becomes 03:00 +02:00.
    @Test func aSkippedTimeComesAtTheChange() throws {
        let text = "jobs: {a: {user: u, command: x, timezone: Europe/Paris, schedule: \"30 2 * * *\"}}"
        #expect(
            try due(text, from: "2026-03-28T12:00:00Z", 2) == [
                "2026-03-29T03:00:00+02:00 a", "2026-03-30T02:30:00+02:00 a",
            ])
    }

    @Test func manyJobsStayInOrder() throws {
        let text =
            "jobs:\n"
            + (0..<200).map {
                "  j\($0): {user: u, command: x, timezone: UTC, schedule: \"\($0 % 60) \($0 % 24) * * *\"}\n"
            }.joined()
        let times = try due(text, from: "2026-01-31T00:00:00Z", 600)
        #expect(times.count == 600)
        #expect(times.map { $0.prefix(19) } == times.map { $0.prefix(19) }.sorted())
        #expect(try due("jobs: {}", from: "2026-01-31T00:00:00Z", 1).isEmpty)
    }
}
