import CLinux
import CharonCore
import Glibc
import Testing

/// Lines on a host without a daemon: they share one of their own.
@Suite(.serialized)
struct PrivateDaemonTests {
    @Test(arguments: someUsers)
    func aLineStartsADaemonOfItsOwnAndTheNextOneUsesIt(uid: Int?) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let owner = uid ?? Int(geteuid())
            for path in ["\(site.path)/home", site.keyFile] { try await site.give(path, to: owner) }
            for count in 1...2 {
                let line = try await site.run(
                    "job", script: "echo hello; exit 3", environment: site.withoutDaemon(), uid: uid)
                #expect(line.exitCode == 3)
                #expect(line.error == "")
                let execution = try #require(try await site.ended("job", count: count).last)
                #expect(execution.lines == ["hello"])
                #expect(execution.success == false && !execution.message.contains("late"))
            }
            let found = site.privateDaemons()
            #expect(found.count == 1)
            let daemon = try #require(found.first)
            let uids = text(of: "/proc/\(daemon)/status").split(separator: "\n").first { $0.hasPrefix("Uid:") }
            #expect(uids?.split(separator: "\t").dropFirst().allSatisfy { $0 == "\(owner)" } == true)
            let state = "\(site.path)/home/.local/state/charon"
            #expect(try await output(["stat", "-c", "%a %u", state], in: site.path) == "700 \(owner)")
            // Nothing of the line that started it: no session, no terminal, no output.
            #expect(getsid(daemon) > 0 && getsid(daemon) != getsid(0))
            for descriptor in 0...1 {
                let target = try await output(["readlink", "/proc/\(daemon)/fd/\(descriptor)"], in: site.path)
                #expect(target == "/dev/null")
            }
        }
    }

    @Test func itLivesInTheXDGStateDirectory() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            var environment = site.withoutDaemon()
            environment["XDG_STATE_HOME"] = "\(site.path)/xdg"
            #expect(try await site.run("job", script: "true", environment: environment).exitCode == 0)
            #expect(try await site.ended("job").success == true)
            #expect(site.records(of: "job", state: "\(site.path)/xdg/charon").count == 1)
            #expect(entries(of: "\(site.path)/home").isEmpty)
        }
    }

    @Test func itIsGoneWhenThereIsNothingLeftToDo() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let state = "\(site.path)/home/.local/state/charon"
            _ = try await output(["mkdir", "-p", "-m", "700", state], in: site.path)
            let number = clinux_listen("\(state)/charond.sock", 0o600, 16)
            try #require(number >= 0)
            let daemon: Spawned
            do {
                let listener = Descriptor(owning: number)
                daemon = try Spawned(
                    [Programs.daemon, "--private", "--state", state, "--idle", "1s"], in: site.path,
                    descriptors: [listener.number])
            }
            let line = try await site.run(
                "job", script: "echo hello; sleep 2; echo over", environment: site.withoutDaemon())
            #expect(line.exitCode == 0)
            #expect(site.privateDaemons() == [daemon.pid])
            #expect(try await site.ended("job").lines == ["hello", "over"])
            #expect(try await daemon.exitCode() == 0)
            // Its socket is left: nobody answers there, so the next line starts another.
            #expect(try await site.run("job", script: "true", environment: site.withoutDaemon()).exitCode == 0)
            #expect(try await site.ended("job", count: 2).last?.success == true)
            #expect(site.privateDaemons().count == 1)
        }
    }

    @Test func theNextLinesDaemonDeliversWhatAKilledOneLeft() async throws {
        try await Site.with { site in
            try await site.serve(["job", "next"])
            let environment = site.withoutDaemon()
            let script = "echo one; touch \(site.mark("up")); until [ -e go ]; do sleep 0.1; done; echo two; exit 4"
            let line = try site.start("job", command: ["sh", "-c", script], environment: environment)
            try await site.reached("up")
            try await eventually("the first line") { try await site.executions(of: "job").first?.lines == ["one"] }
            let first = try #require(site.privateDaemons().first)
            kill(first, SIGKILL)
            try await eventually("the daemon's end") { site.privateDaemons().isEmpty }
            try write("", to: "\(site.path)/go")
            #expect(try await line.exitCode() == 4)
            #expect(line.standardOutput == "one\ntwo\n")
            #expect(try await site.executions(of: "job").first?.endedAt == nil)

            #expect(try await site.run("next", script: "true", environment: environment).exitCode == 0)
            let execution = try await site.ended("job")
            #expect(execution.lines == ["one", "two"])
            #expect(execution.message.contains("exited with code 4"))
            #expect(try await site.ended("next").success == true)
        }
    }

    @Test func fiftyLinesAtOnceShareOneDaemon() async throws {
        try await Site.with { site in
            try await site.serve(["burst"])
            let lines = try (0..<50).map { number in
                try site.start(
                    "burst", command: ["sh", "-c", "echo line \(number); sleep 1; exit \(number)"],
                    environment: site.withoutDaemon())
            }
            var most = 0
            for (number, line) in lines.enumerated() {
                let code = try await eventually("the end of line \(number)") {
                    most = max(most, site.privateDaemons().count)
                    return line.exitCode
                }
                #expect(code == Int32(number))
                #expect(line.standardError == "")
            }
            #expect(most == 1)
            let executions = try await site.ended("burst", count: 50)
            #expect(Set(executions.flatMap(\.lines)) == Set((0..<50).map { "line \($0)" }))
            #expect(executions.allSatisfy { $0.messages.count == 1 })
            #expect(executions.count { $0.success == true } == 1)
        }
    }
}
