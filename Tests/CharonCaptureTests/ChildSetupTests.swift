import CLinux
import CharonCore
import CharonRuns
import Glibc
import Testing

/// What a job's command has of its surroundings, as it sees them itself: user, groups, limits, directory, environment.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct ChildSetupTests {
    /// nobody of Debian.
    private static let user: UInt32 = 65_534

    private static func setup(_ change: (inout ChildSetup) -> Void) -> ChildSetup {
        var setup = ChildSetup()
        setup.environment = ["PATH=/usr/bin:/bin", "HOME=/", "LOGNAME=nobody"]
        setup.user = user
        setup.group = user
        setup.groups = [user, 4, 20_001]
        setup.directory = "/"
        change(&setup)
        return setup
    }

    private func run(_ setup: ChildSetup, _ command: [String]) throws -> Wrapped { try run(setup.json.bytes, command) }

    /// `lacking` is a capability that charon-run does not have although it is root's.
    private func run(_ bytes: [UInt8], _ command: [String], lacking: String? = nil) throws -> Wrapped {
        let memory = clinux_sealed_memory("setup", bytes, bytes.count)
        try #require(memory >= 0)
        defer { close(memory) }
        var streams = Wrapped.Streams()
        streams.setup = memory
        let shell = lacking.map { "exec setpriv --bounding-set=-\($0) -- \"$@\"" }
        return try Wrapped(command, options: ["--setup", "5"], streams: streams, shell: shell)
    }

    /// The lines that a script writes with this setup.
    private func lines(_ script: String, _ change: (inout ChildSetup) -> Void = { _ in }) throws -> [String] {
        let wrapped = try run(Self.setup(change), ["sh", "-c", script])
        #expect(try wrapped.exitCode() == 0)
        return try String(decoding: wrapped.file("stdout"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func theProcessIsTheUsersInAllThatCounts() throws {
        let script = "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm|CapInh|CapAmb):' /proc/self/status | tr '\\t' ' '"
        let none = "0000000000000000"
        let user = "\(Self.user) \(Self.user) \(Self.user) \(Self.user)"
        #expect(
            try lines(script) == [
                "Uid: \(user)", "Gid: \(user)", "Groups: 4 20001 65534 ", "CapInh: \(none)", "CapPrm: \(none)",
                "CapEff: \(none)", "CapAmb: \(none)",
            ])
        // The instrument: without a setup the same words are root's.
        let root = try Wrapped(["sh", "-c", script])
        #expect(
            try root.exitCode() == 0 && String(decoding: root.file("stdout"), as: UTF8.self).hasPrefix("Uid: 0 0 0"))
    }

    @Test func theEnvironmentIsThatOfTheSetupAlone() throws {
        let lines = try lines("env | grep -v '^_=' | sort") { $0.environment += ["A=b=c", "EMPTY=", "UTF=ä"] }
        let shell = ["PWD=/"]
        #expect(
            lines
                == (["A=b=c", "CHARON_SLUG=test", "EMPTY=", "HOME=/", "LOGNAME=nobody", "PATH=/usr/bin:/bin"] + shell
                    + ["UTF=ä"]))
    }

    @Test func limitsPrioritiesAndMaskAreSet() throws {
        let script = """
            ulimit -n; ulimit -Hn; ulimit -c; ulimit -f; umask; nice; ionice | cut -d: -f1
            awk '/Max processes|Max locked|Max address/ {print $(NF-2), $(NF-1)}' /proc/self/limits
            """
        let lines = try lines(script) { setup in
            setup.limits = [
                .init(.openFiles, 123), .init(.coreSize, 0), .init(.fileSize, 51_200), .init(.processes, 4321),
                .init(.lockedMemory, 65_536), .init(.addressSpace, nil),
            ]
            setup.umask = 0o027
            setup.nice = 7
            setup.ioPriority = 3 << 13
        }
        #expect(
            lines == [
                "123", "123", "0", "100", "0027", "7", "idle", "4321 4321", "65536 65536", "unlimited unlimited",
            ])
    }

    @Test func theDirectoryIsEnteredWithTheUsersRights() throws {
        var template = Array("/tmp/charon-setup.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let place = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(place) }
        // The instrument: root can enter it.
        try #require(chmod(place, 0o700) == 0 && access(place, X_OK) == 0)
        let refused = try run(Self.setup { $0.directory = place }, ["true"])
        #expect(try refused.exitCode() == 125)
        let error = String(decoding: try refused.file("stderr"), as: UTF8.self)
        #expect(error.contains("\(place): chdir: Permission denied"), "\(error)")
        try #require(chown(place, Self.user, Self.user) == 0)
        #expect(try lines("pwd") { $0.directory = place } == [place])
    }

    /// A step that fails, what standard error says, the capability that charon-run lacks, and what is asked for.
    private static let failures: [(String, String, String?, ChildSetup)] = [
        ("chdir", "/nonexistent: chdir: No such file", nil, setup { $0.directory = "/nonexistent" }),
        ("setrlimit open_files", "setrlimit open_files", nil, setup { $0.limits = [.init(.openFiles, .max - 1)] }),
        ("ioprio_set", "ioprio_set", nil, setup { $0.ioPriority = 7 << 13 }),
        ("setpriority", "nice -5: setpriority: Permission denied", "sys_nice", setup { $0.nice = -5 }),
        ("setgroups", "uid 65534, gid 65534: setgroups: Operation not permitted", "setgid", setup { _ in }),
        ("setuid", "uid 65534, gid 65534: setuid: Operation not permitted", "setuid", setup { _ in }),
    ]

    /// Each step that fails is named, in the record and on standard error, and nothing has run.
    @Test(arguments: failures.indices) func aStepThatFailsIsNamed(_ index: Int) throws {
        let (step, message, lacking, setup) = Self.failures[index]
        let wrapped = try run(setup.json.bytes, ["sh", "-c", "echo ran"], lacking: lacking)
        #expect(try wrapped.exitCode() == 125)
        let error = String(decoding: try wrapped.file("stderr"), as: UTF8.self)
        #expect(error.contains(message), "\(error)")
        #expect(try wrapped.file("stdout").isEmpty)
        let outcome = try SupervisorRecord.read(wrapped.file("supervisor")).compactMap { record in
            if case .ended(let ended) = record { ended.outcome } else { nil }
        }
        guard case .couldNotStart(step: step, errno: _)? = outcome.first else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func secretsOfTheSetupAreNotInTheRecord() throws {
        let wrapped = try run(
            Self.setup { $0.environment.append("SHOP_TOKEN=s3cret-value-4711") }, ["sh", "-c", "echo is $SHOP_TOKEN"])
        #expect(try wrapped.exitCode() == 0)
        let output = String(decoding: try wrapped.file("output.log"), as: UTF8.self)
        #expect(output.contains("is <redacted>") && !output.contains("4711"), "\(output)")
    }

    @Test func aSetupThatCannotBeReadRunsNothing() throws {
        let foreign = try run(Array("{\"v\":2}".utf8), ["sh", "-c", "echo ran"])
        #expect(try foreign.exitCode() == 125)
        let error = String(decoding: try foreign.file("stderr"), as: UTF8.self)
        #expect(error.contains("--setup: descriptor 5 holds no setup that this version can read"), "\(error)")
        #expect(try foreign.file("stdout").isEmpty)
    }
}
