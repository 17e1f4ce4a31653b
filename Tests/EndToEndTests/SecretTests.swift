import CharonCore
import Glibc
import Testing

/// The key: where it may come from, and that it goes nowhere but into the header of a request.
@Suite(.serialized)
struct SecretTests {
    @Test(arguments: [true, false])
    func theKeyIsInNoArgumentEnvironmentRecordLogOrDatabase(withDaemon: Bool) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            if withDaemon { try await site.startDaemon() }
            var environment: [String: String?] = withDaemon ? [:] : site.withoutDaemon()
            // The caller's own environment is its own business; nothing that it starts inherits the key.
            environment["CHARON_URL"] = site.url
            environment["CHARON_API_KEY_FILE"] = String?.none
            environment["CHARON_API_KEY"] = site.key
            let line = try site.start(
                "job", command: ["sh", "-c", "echo started; touch \(site.mark("up")); sleep 1; echo over; exit 5"],
                environment: environment)
            try await site.reached("up")
            let processes = site.processes()
            #expect(processes.count >= 3)
            for pid in processes {
                #expect(!text(of: "/proc/\(pid)/cmdline").contains(site.key), "cmdline of \(pid)")
                if pid != line.pid {
                    #expect(!text(of: "/proc/\(pid)/environ").contains(site.key), "\(text(of: "/proc/\(pid)/cmdline"))")
                }
            }
            #expect(try await line.exitCode() == 5)
            #expect(try await site.ended("job").success == false)
            let files = try await output(["find", site.path, "-type", "f"], in: site.path).split(separator: "\n")
            #expect(files.contains { $0.hasSuffix("/run.json") } && files.contains { $0.hasSuffix("charon.sqlite") })
            for file in files where file != site.keyFile && !file.hasSuffix(".out") {
                #expect(bytes(of: String(file)).firstRange(of: Array(site.key.utf8)) == nil, "\(file)")
            }
        }
    }

    /// What LoadCredential= of a unit gives.
    @Test(arguments: [true, false])
    func theKeyMayBeASystemdCredential(withDaemon: Bool) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let credentials = "\(site.path)/credentials"
            mkdir(credentials, 0o700)
            try write(site.key + "\n", to: "\(credentials)/charon-api-key")
            chmod("\(credentials)/charon-api-key", 0o400)
            unlink(site.keyFile)
            if withDaemon {
                try await site.startDaemon(environment: [
                    "CHARON_API_KEY_FILE": "", "CREDENTIALS_DIRECTORY": credentials,
                ])
            }
            var environment: [String: String?] = withDaemon ? [:] : site.withoutDaemon()
            environment["CHARON_API_KEY_FILE"] = String?.none
            environment["CREDENTIALS_DIRECTORY"] = withDaemon ? String?.none : credentials
            let line = try await site.run("job", script: "exit 5", environment: environment)
            #expect(line.exitCode == 5 && line.error == "", "\(line.error)")
            #expect(try await site.ended("job").message.contains("exited with code 5"))
        }
    }

    @Test func theCommandsEnvironmentIsTheCallersWithoutWhatIsMeantForItsSupervisor() async throws {
        try await Site.running("env") { site in
            let removed = [
                "CHARON_API_KEY", "CHARON_API_KEY_FILE", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
                "CREDENTIALS_DIRECTORY", "WATCHDOG_USEC", "WATCHDOG_PID",
            ]
            var environment: [String: String?] = ["OWN": "kept", "MAILTO": "", "CHARON_URL": site.url]
            for name in removed { environment[name] = "of the supervisor" }
            environment["CHARON_API_KEY_FILE"] = site.keyFile
            let credentials = "\(site.path)/credentials"
            mkdir(credentials, 0o700)
            try write("of the supervisor", to: "\(credentials)/charon-api-key")
            environment["CREDENTIALS_DIRECTORY"] = credentials
            let line = try await site.run("env", command: ["env"], environment: environment)
            let names = Set(line.output.split(separator: "\n").map { String($0.prefix { $0 != "=" }) })
            #expect(names.isDisjoint(with: removed), "\(names)")
            #expect(names.isSuperset(of: ["PATH", "HOME", "OWN", "MAILTO", "CHARON_SLUG", "CHARON_RUN_ID"]))
            #expect(line.output.contains("CHARON_SLUG=env\n"))
            let run = try #require(site.records(of: "env").first?.split(separator: "/").last)
            #expect(line.output.contains("CHARON_RUN_ID=\(run)\n"))
        }
    }

    @Test func aKeyFileThatOthersCanReadIsRefused() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            chmod(site.keyFile, 0o640)
            await #expect(throws: Failed.self) { try await site.startDaemon() }
            #expect(try await site.daemon?.exitCode() == 78)
            #expect(site.daemonLog.contains("\(site.keyFile)") && site.daemonLog.contains("chmod 600"))
            // A wrapped line runs all the same: it is not the command's fault.
            let line = try await site.run("job", script: "exit 9", environment: site.withoutDaemon())
            #expect(line.exitCode == 9)
            #expect(line.complaints.count == 1 && line.error.contains("chmod 600"), "\(line.error)")
            #expect(try await site.executions(of: "job").isEmpty)
            #expect(!(site.daemonLog + line.error).contains(site.key))
            // Once it is put right, its report follows.
            chmod(site.keyFile, 0o600)
            #expect(try await site.run("job", script: "exit 0", environment: site.withoutDaemon()).exitCode == 0)
            let both = try await site.ended("job", count: 2)
            #expect(both.map(\.success) == [true, false])
            #expect(both.last?.message.contains("exited with code 9") == true)
        }
    }

    @Test func aKeyFileThatTheHostsDaemonDoesNotNeedIsNotLookedAt() async throws {
        try await Site.running("job") { site in
            let environment = ["CHARON_URL": site.url, "CHARON_API_KEY_FILE": "/nonexistent"]
            let line = try await site.run("job", script: "exit 9", environment: environment)
            #expect(line.exitCode == 9 && line.error == "")
            #expect(try await site.ended("job").message.contains("exited with code 9"))
        }
    }

    @Test func aWrongKeyLetsRunsBeDecidedByPolicyAndKeepsTheirReports() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try write("0123456789abcdef\n", to: site.keyFile)
            try await site.startDaemon()
            let line = try await site.run("job", script: "echo first; sleep 0.1; echo second >&2; exit 6")
            #expect(line.exitCode == 6)
            #expect(line.output == "first\n")
            #expect(site.daemonLog.contains("Charon refuses the key (401)"))
            let skipped = try await site.run(
                "--when-unreachable", "skip", "job", command: ["touch", site.mark("ran")])
            #expect(skipped.exitCode == 0 && !site.hasMark("ran"))
            #expect(try await site.executions(of: "job").isEmpty)
            #expect(site.records(of: "job").count == 1)

            try await site.stopDaemon(SIGTERM)
            try write(site.key + "\n", to: site.keyFile)
            try await site.startDaemon()
            let execution = try await site.ended("job")
            #expect(execution.success == false)
            #expect(execution.message.contains("exited with code 6") && execution.message.contains("reported late"))
            #expect(execution.lines.suffix(2) == ["first", "second"])
        }
    }
}
