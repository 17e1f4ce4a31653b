import CharonCore
import CharonRuns
import Glibc
import Testing

/// What the command inherits: all that the caller of charon-run gave, and nothing that charon-run made.
@Suite(.serialized) struct EntryStateTests {
    @Test(arguments: [[], [SIGUSR1], [SIGTERM, SIGCHLD, SIGCONT], [40, 64]] as [[Int32]])
    func theMaskIsThatOfTheEntry(blocked: [Int32]) throws {
        let run = try Wrapped(["cat", "/proc/self/status"], mask: blocked)
        #expect(try run.exitCode() == 0)
        let status = try run.text("stdout")
        #expect(try ProcessState.signals("SigBlk", in: status) == blocked.reduce(0) { $0 | ProcessState.bit($1) })
        #expect(try ProcessState.signals("SigIgn", in: status) == 0)
        #expect(try ProcessState.signals("SigCgt", in: status) == 0)
    }

    @Test(
        arguments: [[SIGHUP], [SIGINT, SIGQUIT], [SIGCHLD], [SIGTERM, SIGPIPE, SIGTSTP, SIGTTOU, SIGCONT]] as [[Int32]])
    func whatIsIgnoredStaysIgnored(ignored: [Int32]) throws {
        let list = ignored.map { "\($0)" }.joined(separator: " ")
        let run = try Wrapped(["cat", "/proc/self/status"], shell: "trap '' \(list); exec \"$@\"")
        #expect(try run.exitCode() == 0)
        let status = try run.text("stdout")
        #expect(try ProcessState.signals("SigIgn", in: status) == ignored.reduce(0) { $0 | ProcessState.bit($1) })
        #expect(try ProcessState.signals("SigBlk", in: status) == 0)
    }

    @Test func nohupHolds() throws {
        let run = try Wrapped(["/bin/sh", "-c", "echo ready; sleep 0.5; exit 6"], shell: "exec nohup \"$@\"")
        try eventually("the command is ready") { try run.text("stdout") == "ready\n" }
        run.send(SIGHUP)
        #expect(try run.exitCode() == 6)
        #expect(try run.ended().outcome == .exited(code: 6))
    }

    @Test func anIgnoredChildSignalHidesNoEnd() throws {
        let run = try Wrapped(["/bin/sh", "-c", "exit 23"], shell: "trap '' CHLD; exec \"$@\"")
        #expect(try run.exitCode() == 23)
    }

    @Test func withoutATerminalItHasASessionOfItsOwn() throws {
        let run = try Wrapped(["sleep", "60"])
        let started = try run.started()
        let state = try #require(ProcessState.of(started.child.pid))
        #expect(state.session == started.child.pid && state.group == started.child.pid)
        #expect(started.group == started.child.pid && started.supervisor.pid == run.pid)
        run.send(SIGTERM)
        try run.exitCode()
    }

    @Test func descriptorsOfTheCallerAreInheritedAndNoOthers() throws {
        // ls has its directory open as 3; without the record's two, it says what it finds without charon-run.
        let shell = "exec 7</dev/null 9>&1; ls /proc/self/fd >&2 3>&- 4>&-; exec \"$@\""
        let run = try Wrapped(["ls", "/proc/self/fd"], shell: shell)
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == run.text("stderr"))
        #expect(try Set(run.text("stdout").split(separator: "\n")).isSuperset(of: ["0", "1", "2", "3", "7", "9"]))
    }

    @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]) func closedStandardDescriptors(closed: String) throws {
        let job = "test -e /proc/$$/fd/0; echo $?; echo err >&2; exit 3"
        let run = try Wrapped(["/bin/sh", "-c", job], shell: "exec \"$@\" \(closed)")
        #expect(try run.exitCode() == 3)
        let stdinIsClosed = closed.contains("<&-")
        #expect(
            try run.log().map { "\($0.stream) \(String(decoding: $0.text, as: UTF8.self))" }.sorted()
                == ["stderr err", "stdout \(stdinIsClosed ? 1 : 0)"])
        #expect(
            try run.text("stdout") == (closed.contains(" >&-") || closed == ">&-" ? "" : stdinIsClosed ? "1\n" : "0\n"))
        #expect(try run.text("stderr") == (closed.contains("2>&-") ? "" : "err\n"))
    }

    @Test func theDescriptorLimitIsTheCallers() throws {
        let run = try Wrapped(["/bin/sh", "-c", "ulimit -n; ulimit -Hn"], shell: "ulimit -n 99; exec \"$@\"")
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "99\n99\n")
    }

    @Test func standardInputIsTheCallers() throws {
        let pipe = try Pipe()
        let run = try Wrapped(["cat"], streams: Wrapped.Streams(input: pipe.reading))
        pipe.write("words for it\n")
        pipe.closeWriting()
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "words for it\n")
    }

    @Test func credentialsWithoutAKeyOfCharonAreTheCommands() throws {
        let run = try Wrapped(
            ["sh", "-c", "cat \"$CREDENTIALS_DIRECTORY/vendor\""],
            shell: """
                export CREDENTIALS_DIRECTORY="$(dirname "$(readlink /proc/self/fd/3)")"
                echo own >"$CREDENTIALS_DIRECTORY/vendor"; exec "$@"
                """)
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "own\n")
    }

    @Test func secretsAndServiceVariablesAreRemoved() throws {
        let set = """
            export CHARON_API_KEY=k CHARON_API_KEY_FILE=f NOTIFY_SOCKET=n LISTEN_PID=1 LISTEN_FDS=2 LISTEN_FDNAMES=x \
            LISTEN_PIDFDID=3 LISTEN_X=y LISTENER=kept \
            WATCHDOG_USEC=1 WATCHDOG_PID=2 CREDENTIALS_DIRECTORY="$(dirname "$(readlink /proc/self/fd/3)")" \
            CHARON_RUN_ID=20260131T040506007-0123456789ab \
            CHARON_SLUG=outer KEPT="$(printf 'a\\377b')"
            touch "$CREDENTIALS_DIRECTORY/charon-api-key"; exec "$@"
            """
        let run = try Wrapped(["env"], shell: set)
        #expect(try run.exitCode() == 0)
        let names = Set(try run.text("stdout").split(separator: "\n").map { String($0.prefix { $0 != "=" }) })
        for name in ["CHARON_API_KEY", "CHARON_API_KEY_FILE", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY"] {
            #expect(!names.contains(name))
        }
        #expect(names.contains("LISTENER"))
        #expect(!names.contains { $0.hasPrefix("LISTEN_") || $0.hasPrefix("WATCHDOG_") })
        let lines = try run.file("stdout").split(separator: 0x0A)
        #expect(lines.contains { $0.elementsEqual("CHARON_SLUG=test".utf8) })
        #expect(lines.contains { $0.elementsEqual("CHARON_RUN_ID=20260131T040506007-0123456789ab".utf8) })
        #expect(lines.contains { $0.elementsEqual(Array("KEPT=a".utf8) + [0xFF, 0x62]) })
    }
}
