import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite(.serialized) struct SignalTests {
    /// A job that tells its signals, and is ready when it has said so.
    private static let teller = """
        for s in INT HUP QUIT USR1 USR2; do trap "echo $s" $s; done; trap 'echo TERM; exit 5' TERM
        echo ready; while :; do sleep 0.01; done
        """

    private func ready(_ run: Wrapped) throws {
        try eventually("the command is ready") { try run.text("stdout").hasPrefix("ready\n") }
    }

    @Test(arguments: [(SIGINT, "INT"), (SIGHUP, "HUP"), (SIGQUIT, "QUIT"), (SIGUSR1, "USR1"), (SIGUSR2, "USR2")])
    func forwarded(signal: Int32, name: String) throws {
        let run = try Wrapped(["/bin/sh", "-c", Self.teller])
        try ready(run)
        for times in 1...2 {
            run.send(signal)
            try eventually("\(name) arrives") {
                try run.text("stdout").split(separator: "\n").filter { $0 == name }.count == times
            }
        }
        run.send(SIGTERM)
        #expect(try run.exitCode() == 5)
        #expect(try run.ended().outcome == .exited(code: 5))
    }

    @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT"), (SIGHUP, "SIGHUP"), (SIGQUIT, "SIGQUIT")])
    func aCommandThatEndsByItWasStopped(signal: Int32, name: String) throws {
        let run = try Wrapped(["/bin/sh", "-c", "ulimit -c 0; echo ready; exec sleep 60"])
        try ready(run)
        run.send(signal)
        #expect(try run.exitCode() == 128 + signal)
        #expect(try run.ended().outcome == .stopped(by: name, signal: signal))
    }

    @Test func theWholeGroupIsSignalled() throws {
        let run = try Wrapped([
            "/bin/sh", "-c",
            "sh -c 'trap \"echo inner; exit\" USR1; echo ready; while :; do sleep 0.01; done' & trap : USR1; wait; wait; exit 4",
        ])
        try ready(run)
        run.send(SIGUSR1)
        #expect(try run.exitCode() == 4)
        #expect(try run.text("stdout") == "ready\ninner\n")
    }

    @Test func aSecondTermKills() throws {
        let run = try Wrapped(["/bin/sh", "-c", "trap 'echo told' TERM; echo ready; while :; do sleep 0.01; done"])
        try ready(run)
        run.send(SIGTERM)
        try eventually("TERM arrives") { try run.text("stdout").hasSuffix("told\n") }
        run.send(SIGTERM)
        #expect(try run.exitCode(within: 8) == 137)
        #expect(try run.ended().outcome == .stopped(by: "SIGTERM", signal: SIGKILL))
    }

    @Test func theGraceKills() throws {
        let run = try Wrapped(
            ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"],
            options: ["--stop-grace", "200ms"])
        try ready(run)
        run.send(SIGTERM)
        #expect(try run.exitCode() == 137)
        #expect(try run.ended().outcome == .stopped(by: "SIGTERM", signal: SIGKILL))
    }

    @Test func aStoppedCommandCanBeEnded() throws {
        let run = try Wrapped(["/bin/sh", "-c", "echo ready; exec sleep 60"])
        try ready(run)
        let child = try run.started().child.pid
        kill(child, SIGSTOP)
        try eventually("it is stopped") { ProcessState.of(child)?.state == "T" }
        run.send(SIGTERM)
        #expect(try run.exitCode() == 143)
    }

    @Test func suspendAndContinueWithoutATerminal() throws {
        // In a group that is not orphaned: its parent, in the same session, could continue it.
        let run = try Wrapped(
            ["/bin/sh", "-c", "echo ready; exec sleep 60"], shell: "set -m; \"$@\" & wait -f $!")
        try ready(run)
        let started = try run.started()
        let both = [started.supervisor.pid, started.child.pid]
        kill(started.supervisor.pid, SIGTSTP)
        try eventually("both are stopped") { both.allSatisfy { ProcessState.of($0)?.state == "T" } }
        kill(started.supervisor.pid, SIGCONT)
        try eventually("both go on") { both.allSatisfy { ProcessState.lives($0) && ProcessState.of($0)?.state != "T" } }
        kill(started.supervisor.pid, SIGTERM)
        #expect(try run.exitCode() == 143)
    }

    @Test func suspendWithoutATerminalEndsWhereNobodyCouldContinue() throws {
        // Nothing in a loop: a process is not stopped while it waits for its vfork(2) child to exec.
        let job = "trap 'echo continued' CONT; sleep 60 & echo ready; until wait $!; do :; done"
        let run = try Wrapped(["/bin/sh", "-c", job], shell: "exec setsid \"$@\"")
        try ready(run)
        run.send(SIGTSTP)
        try eventually("the command was stopped and goes on") { try run.text("stdout").hasSuffix("continued\n") }
        #expect(ProcessState.of(run.pid)?.state != "T")
        run.send(SIGTERM)
        #expect(try run.exitCode() == 143)
    }

    @Test func aTimeoutIs124() throws {
        let run = try Wrapped(["sleep", "60"], options: ["--timeout", "200ms"])
        #expect(try run.exitCode() == 124)
        let ended = try run.ended()
        #expect(ended.outcome == .timedOut(afterSeconds: 0.2))
        #expect(ended.duration >= TimeSpan(milliseconds: 200))
    }

    @Test func aTimeoutSweepsWhoIgnoresTerm() throws {
        let job = "trap '' TERM; sh -c 'while :; do sleep 0.01; done' & echo $!; while :; do sleep 0.01; done"
        let run = try Wrapped(["/bin/sh", "-c", job], options: ["--timeout=1s", "--stop-grace=200ms"])
        #expect(try run.exitCode() == 124)
        let descendant = try #require(Int32(try run.text("stdout").dropLast()))
        #expect(!ProcessState.lives(descendant))
    }

    @Test func theRestOfTheGroupHasTheGraceToo() throws {
        // The command ends at once; its descendant needs a moment to end in good order, another one never would.
        let job = """
            sh -c 'trap "sleep 0.3; echo in order; exit" TERM; echo a; while :; do sleep 0.01; done' &
            sh -c 'trap "" TERM; echo b; while :; do sleep 0.01; done' & echo $! >&2; wait
            """
        let run = try Wrapped(["/bin/sh", "-c", job], options: ["--stop-grace=2s"])
        try eventually("both are ready") {
            try run.text("stdout").utf8.count == 4 && run.text("stderr").hasSuffix("\n")
        }
        run.send(SIGTERM)
        #expect(try run.exitCode() == 143)
        #expect(try run.text("stdout").hasSuffix("in order\n"))
        #expect(
            !ProcessState.lives(
                try #require(Int32(try run.text("stderr").split(separator: "\n").first.map(String.init) ?? ""))))
    }

    @Test func theLeaderIsReapedAfterTheSweep() throws {
        let job = """
            sh -c 'trap "" TERM; echo ready; while :; do sleep 0.01; done' & echo $! >&2
            exec sleep 60
            """
        let run = try Wrapped(["/bin/sh", "-c", job], options: ["--stop-grace=2s"])
        try eventually("both are ready") {
            try run.text("stdout") == "ready\n" && run.text("stderr").hasSuffix("\n")
        }
        let rest = try #require(Int32(try run.text("stderr").dropLast())), leader = try run.started().child.pid
        run.send(SIGTERM)
        try eventually("the leader has ended") { ProcessState.of(leader)?.state == "Z" }
        var states: Set<String?> = []
        while true {
            let state = ProcessState.of(leader)?.state
            // What was read before this look was so while the rest of the group lived.
            guard ProcessState.lives(rest) else { break }
            states.insert(state)
            usleep(1000)
        }
        #expect(states == ["Z"])
        #expect(try run.exitCode() == 143)
        #expect(ProcessState.of(leader) == nil)
    }

    @Test func anEmptyGroupIsNotWaitedFor() throws {
        let run = try Wrapped(["sleep", "60"], options: ["--stop-grace=60s"])
        _ = try run.started()
        run.send(SIGTERM)
        #expect(try run.exitCode(within: 20) == 143)
    }

    @Test func orphansAreReaped() throws {
        let run = try Wrapped(["/bin/sh", "-c", "sh -c 'sleep 0.05 & echo $!'; echo ready; read x; exec sleep 60"])
        try eventually("it has made an orphan") { try run.text("stdout").contains("ready") }
        let orphan = try #require(Int32(try run.text("stdout").split(separator: "\n")[0]))
        try eventually("the orphan is gone, not a zombie") { ProcessState.of(orphan) == nil }
        run.send(SIGTERM)
        try run.exitCode()
    }
}
