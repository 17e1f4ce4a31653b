import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite(.serialized) struct ExitCodeTests {
    @Test(arguments: 0...255 as ClosedRange<Int32>) func everyExitCodeIsPassedOn(code: Int32) throws {
        let run = try Wrapped(["/bin/sh", "-c", "exit \(code)"])
        #expect(try run.exitCode() == code)
        #expect(try run.ended().outcome == .exited(code: code))
        #expect(try run.ended().exitCode == code)
    }

    /// Those that end no process by default, or stop it; and the C library's own two, which posix_spawn(3) leaves
    /// ignored, so that they stay so.
    private static let harmless: Set<Int32> = [SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, 32, 33]

    @Test(arguments: (1...64 as ClosedRange<Int32>).filter { $0 != SIGSTOP })
    func everySignalIsTold(signal: Int32) throws {
        let run = try Wrapped(["/bin/sh", "-c", "ulimit -c 0; kill -\(signal) $$; exit 9"])
        // A stop has no effect in an orphaned process group, which a session of its own is.
        let expected = Self.harmless.contains(signal) ? RunOutcome.exited(code: 9) : .killed(signal: signal)
        #expect(try run.exitCode() == ExitCode.of(expected))
        #expect(try run.ended().outcome == expected)
    }

    @Test func aStoppedCommandIsNoEnd() throws {
        let run = try Wrapped(["/bin/sh", "-c", "kill -STOP $$; exit 9"])
        let child = try run.started().child.pid
        try eventually("the command is stopped") { ProcessState.of(child)?.state == "T" }
        kill(child, SIGCONT)
        #expect(try run.exitCode() == 9)
    }

    @Test(
        arguments: [
            ("charon-no-such-command", 127, ENOENT), ("/no/such/command", 127, ENOENT), ("/tmp", 126, EACCES),
            ("/etc/passwd", 126, EACCES), ("/etc/passwd/x", 126, ENOTDIR),
            (String(repeating: "x", count: 5000), 126, ENAMETOOLONG),
        ] as [(String, Int32, Int32)])
    func whatCannotBeExecuted(command: String, code: Int32, errno: Int32) throws {
        let run = try Wrapped([command])
        #expect(try run.exitCode() == code)
        #expect(try run.ended().outcome == .couldNotStart(step: "exec", errno: errno))
        #expect(try run.text("stderr") == "charon-run: \(command): exec: \(SystemError.text(of: errno))\n")
    }

    @Test(
        arguments: [
            ("#!/no/such/interpreter\n", 0o755, 127), ("#!/tmp\n", 0o755, 126), ("#!/etc/passwd\n", 0o755, 126),
            ("#!/bin/sh\nexit 7\n", 0o644, 126), ("#!/bin/sh\nexit 7\n", 0o755, 7), ("exit 8\n", 0o755, 8),
        ] as [(String, UInt32, Int32)])
    func scripts(text: String, mode: UInt32, code: Int32) throws {
        let path = "/tmp/charon-script-\(UInt64.random(in: 0 ... .max))"
        try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode).write(text.utf8)
        defer { unlink(path) }
        let run = try Wrapped([path])
        #expect(try run.exitCode() == code)
    }

    @Test func aProgramThatIsOpenForWritingIsNotExecutable() throws {
        let path = "/tmp/charon-busy-\(UInt64.random(in: 0 ... .max))"
        let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o755)
        defer { unlink(path) }
        try file.write("#!/bin/sh\nexit 7\n".utf8)
        let run = try Wrapped([path])
        #expect(try withExtendedLifetime(file) { try run.exitCode() } == 126)
        #expect(try run.ended().outcome == .couldNotStart(step: "exec", errno: ETXTBSY))
    }

    @Test func aLinkToItselfIsNotExecutable() throws {
        let path = "/tmp/charon-loop-\(UInt64.random(in: 0 ... .max))"
        #expect(symlink(path, path) == 0)
        defer { unlink(path) }
        let run = try Wrapped([path])
        #expect(try run.exitCode() == 126)
        #expect(try run.ended().outcome == .couldNotStart(step: "exec", errno: ELOOP))
    }

    /// The kernel counts the path of a program beside its words; charon-run's own is short, and the command's is long.
    ///
    /// Words and environment may take 128 KiB with this stack. It was found and cannot be invoked: 126, as env(1) says.
    @Test(arguments: [(121_000, 0), (125_000, 126)] as [(Int, Int32)])
    func tooManyBytesOfArguments(count: Int, code: Int32) throws {
        let program = "/bin/" + String(repeating: "./", count: 1900) + "true"
        let run = try Wrapped(
            [program, String(repeating: "x", count: count)], shell: "ulimit -s 512; exec -c \"$@\"")
        #expect(try run.exitCode() == code)
        let outcome = RunOutcome.couldNotStart(step: "exec", errno: E2BIG)
        #expect(try run.ended().outcome == (code == 0 ? .exited(code: 0) : outcome))
    }

    @Test func aWordWithoutSlashIsLookedUpInTheCommandsPath() throws {
        let run = try Wrapped(["true"], shell: "PATH=/nowhere exec \"$@\"")
        #expect(try run.exitCode() == 127)
    }

    @Test func rawBytesOfArgumentsArriveAsTheyAre() throws {
        let run = try Wrapped(
            ["/bin/sh", "-c", "printf %s \"$1\"", "sh"],
            shell: "exec \"$@\" \"$(printf 'caf\\351 \\377')\"")
        #expect(try run.exitCode() == 0)
        #expect(try run.file("stdout") == Array("caf".utf8) + [0xE9, 0x20, 0xFF])
    }
}
