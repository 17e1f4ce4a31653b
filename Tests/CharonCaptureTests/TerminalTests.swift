import CharonCore
import CharonRuns
import Glibc
import Testing

/// Job control, with a pseudo-terminal as the controlling one.
@Suite(.serialized) struct TerminalTests {
    private func run(_ pty: Pty, _ command: [String], options: [String] = [], shell: String? = nil) throws -> Wrapped {
        try Wrapped(command, options: options, streams: Wrapped.Streams(terminal: pty.terminal), shell: shell)
    }

    @Test func theCommandIsInTheForegroundAndTheTerminalIsGivenBack() throws {
        let pty = try Pty()
        // A shell without job control does not take the terminal itself.
        let run = try run(
            pty, ["/bin/sh", "-c", "echo ready; read line; echo \"got $line\""],
            shell: "\"$@\"; read line; echo \"then $line\"")
        try pty.wait(for: "ready")
        let started = try run.started()
        let state = try #require(ProcessState.of(started.child.pid))
        #expect(state.group == started.child.pid && state.session == run.pid)
        #expect(pty.foreground == started.child.pid)
        pty.type("words\n")
        try pty.wait(for: "got words")
        pty.type("more\n")
        try pty.wait(for: "then more")
        #expect(try run.exitCode() == 0)
    }

    /// charon-run as the job of a shell with job control; the shell's own words come after it.
    private func job(_ pty: Pty, _ command: [String], then words: String) throws -> Wrapped {
        try run(pty, command, shell: "set -m; \"$@\"; echo \"[code $?]\"; \(words)")
    }

    @Test func interruptFromTheKeyboardReachesTheCommandAlone() throws {
        let pty = try Pty()
        let run = try job(pty, ["/bin/sh", "-c", "echo ready; exec sleep 60"], then: "exit 17")
        try pty.wait(for: "ready")
        pty.type("\u{3}")
        try pty.wait(for: "[code 130]")
        #expect(try run.exitCode() == 17)
        #expect(try run.ended().outcome == .killed(signal: SIGINT))
    }

    @Test func aCommandMayCatchTheInterrupt() throws {
        let pty = try Pty()
        let command = "trap 'echo caught' INT; echo ready; until test -n \"$line\"; do read line; done; exit 3"
        let run = try job(pty, ["/bin/sh", "-c", command], then: "exit 17")
        try pty.wait(for: "ready")
        pty.type("\u{3}")
        try pty.wait(for: "caught")
        pty.type("x\n")
        try pty.wait(for: "[code 3]")
        #expect(try run.exitCode() == 17)
    }

    @Test func suspendAndContinue() throws {
        let pty = try Pty()
        let command = ["/bin/sh", "-c", "echo ready; read line; echo \"got $line\"; exit 4"]
        let run = try job(pty, command, then: "fg >/dev/null; echo \"[fg $?]\"; exit 17")
        try pty.wait(for: "ready")
        let child = try run.started().child.pid
        pty.type("\u{1A}")
        // The shell sees the job stopped and goes on with its next words, which continue it.
        try pty.wait(for: "[code 148]")
        try eventually("the command has the terminal again") {
            pty.foreground == child && ProcessState.of(child)?.state == "S"
        }
        pty.type("words\n")
        try pty.wait(for: "got words")
        try pty.wait(for: "[fg 4]")
        #expect(try run.exitCode() == 17)
        #expect(try run.ended().outcome == .exited(code: 4))
    }

    @Test func whileSuspendedTheShellHasTheTerminal() throws {
        let pty = try Pty()
        let run = try job(
            pty, ["/bin/sh", "-c", "echo ready; exec sleep 60"],
            then: "read line; echo \"shell got $line\"; kill %1; fg; exit 17")
        try pty.wait(for: "ready")
        pty.type("\u{1A}")
        try pty.wait(for: "[code 148]")
        #expect(ProcessState.of(try run.started().child.pid)?.state == "T")
        pty.type("words\n")
        try pty.wait(for: "shell got words")
        #expect(try run.exitCode() == 17)
        #expect(try run.ended().outcome == .stopped(by: "SIGTERM", signal: SIGTERM))
    }

    @Test func suspendHasNoEffectWhereNobodyCouldContinue() throws {
        // charon-run leads the session, as in a container: its group is orphaned.
        let pty = try Pty()
        let run = try run(pty, ["/bin/sh", "-c", "echo ready; read line; echo \"got $line\""])
        try pty.wait(for: "ready")
        pty.type("\u{1A}")
        try pty.wait(for: "^Z")
        pty.type("words\n")
        try pty.wait(for: "got words")
        #expect(try run.exitCode() == 0)
    }

    @Test func aBackgroundJobWaitsForTheForegroundWhenItReads() throws {
        let pty = try Pty()
        let run = try run(
            pty, ["/bin/sh", "-c", "echo ready; read line; echo \"got $line\"; exit 5"],
            shell:
                "set -m; \"$@\" & sleep 0.1; until jobs | grep -q Stopped; do sleep 0.01; done; echo stopped; fg >/dev/null; exit $?"
        )
        try pty.wait(for: "stopped")
        pty.type("words\n")
        try pty.wait(for: "got words")
        #expect(try run.exitCode() == 5)
    }

    @Test func inAPipelineTheOthersKeepTheTerminalUntilTheCommandReads() throws {
        let pty = try Pty()
        let run = try run(
            pty, ["/bin/sh", "-c", "sleep 0.3; read line; echo \"got $line\""],
            shell: "set -m; \"$@\" | { read line </dev/tty; echo \"first $line\"; cat; }; exit 6")
        pty.type("one\n")
        try pty.wait(for: "first one")
        pty.type("two\n")
        try pty.wait(for: "got two")
        #expect(try run.exitCode() == 6)
    }

    @Test func aHangUpIsForwarded() throws {
        let pty = try Pty()
        let run = try run(
            pty, ["/bin/sh", "-c", "trap 'echo hung; exit 9' HUP; echo ready; while :; do sleep 0.01; done"])
        try pty.wait(for: "ready")
        run.send(SIGHUP)
        #expect(try run.exitCode() == 9)
        #expect(try run.log().contains { $0.text == Array("hung".utf8) })
    }

    @Test func aTerminalThatIsNotTheSessionsIsNoTerminal() throws {
        let pty = try Pty()
        let slave = try Descriptor.open(pty.terminal, O_RDWR | O_NOCTTY)
        let run = try Wrapped(["sleep", "60"], streams: Wrapped.Streams(input: slave.number))
        let child = try run.started().child.pid
        #expect(ProcessState.of(child)?.session == child)
        run.send(SIGTERM)
        #expect(try run.exitCode() == 143)
    }

    @Test func outputReachesATerminalAsItIs() throws {
        let pty = try Pty()
        let slave = try Descriptor.open(pty.terminal, O_RDWR | O_NOCTTY)
        let run = try Wrapped(["seq", "3"], streams: Wrapped.Streams(output: slave.number))
        #expect(try run.exitCode() == 0)
        try pty.wait(for: "1\r\n2\r\n3\r\n")
        #expect(fcntl(slave.number, F_GETFL) & O_NONBLOCK == 0)
    }
}
