import CharonCore
import CharonJobs
import Testing

/// What the process of a job is told to take on.
@Suite struct JobSetupTests {
    private static let account = Account(
        name: "www-data", uid: 33, gid: 33, groups: [33, 4, 1000], home: "/var/www", shell: "/usr/sbin/nologin")

    @Test func aPlainJobIsItsUsersInTheUsersHome() throws {
        var expected = ChildSetup()
        expected.environment = [
            "HOME=/var/www", "LOGNAME=www-data", "USER=www-data", "SHELL=/bin/sh", "PATH=/usr/bin:/bin",
        ]
        expected.nice = 0
        expected.user = 33
        expected.group = 33
        expected.groups = [4, 33, 1000]
        expected.umask = 0o022
        expected.directory = "/var/www"
        #expect(try JobReading.job(with: "nice: 0").setup(of: Self.account) == expected)
    }

    @Test func everythingThatAJobCanSay() throws {
        let job = try JobReading.job(
            with: """
                group: adm
                    directory: /srv/shop
                    umask: "027"
                    nice: -5
                    io_priority: best-effort:6
                    environment: {PATH: /opt/bin, APP_ENV: prod}
                    limits: {open_files: 4096, processes: 100, core_size: unlimited, file_size: 1M, cpu_time: 90s, \
                address_space: 2G, data_size: 3M, stack_size: 8M, locked_memory: 64K, memory: 512M, tasks: 10, cpu: 50%}
                """)
        let setup = job.setup(
            of: Self.account, group: 4, files: [EnvironmentVariable("APP_ENV", "test"), EnvironmentVariable("B", "1")],
            timeZone: "UTC")
        #expect(
            setup.environment == [
                "HOME=/var/www", "LOGNAME=www-data", "USER=www-data", "SHELL=/bin/sh", "PATH=/opt/bin", "TZ=UTC",
                "APP_ENV=prod", "B=1",
            ])
        #expect(setup.group == 4 && setup.groups == [4, 33, 1000] && setup.user == 33)
        #expect(setup.umask == 0o027 && setup.nice == -5 && setup.directory == "/srv/shop")
        #expect(setup.ioPriority == 16_390)
        let limits: [(ChildSetup.Resource, UInt64?)] = [
            (.openFiles, 4096), (.processes, 100), (.coreSize, nil), (.fileSize, 1 << 20), (.cpuTime, 90),
            (.addressSpace, 2 << 30), (.dataSize, 3 << 20), (.stackSize, 8 << 20), (.lockedMemory, 64 << 10),
        ]
        #expect(setup.limits == limits.map { ChildSetup.Limit($0.0, $0.1) })
    }

    @Test func theRunIsTheGroupsThatTheJobNamesBesidesTheUsersOwn() throws {
        let setup = try JobReading.job(with: "group: docker").setup(of: Self.account, group: 998)
        #expect(setup.group == 998 && setup.groups == [4, 33, 998, 1000])
    }

    @Test func idleHasNoPriority() throws {
        let setup = try JobReading.job(with: "io_priority: idle").setup(of: Self.account)
        #expect(setup.ioPriority == 24_576)
    }
}
