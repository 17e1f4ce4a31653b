import CLinux
import CharonCapture
import CharonCore
import CharonRuns
import Glibc
import Testing

/// What charon-run says on standard error neither ends nor holds up a run, whoever reads it.
@Suite(.serialized) struct ComplaintTests {
    /// charon-run without the test's record, where it finds no daemon and no place for a record, and says so before it
    /// starts the command.
    private func alone(
        _ command: [String], error: Int32? = nil, as user: String = "", mask: [Int32] = [], ignored: [Int32] = []
    ) throws -> Wrapped {
        let traps = ignored.map { "trap '' \($0); " }.joined()
        let shell = """
            program=$1; shift 3; exec 3>&- 4>&-; unset CHARON_URL; export CHARON_SOCKET=/dev/null/socket \
            XDG_STATE_HOME=/dev/null HOME=/dev/null XDG_RUNTIME_DIR=/dev/null TMPDIR=/dev/null
            \(traps)exec \(user) "$program" "$@"
            """
        return try Wrapped(command, streams: Wrapped.Streams(error: error), shell: shell, mask: mask)
    }

    /// A pipe without a reader.
    private func deadPipe() throws -> Pipe {
        let pipe = try Pipe()
        pipe.closeReading()
        return pipe
    }

    @Test func itIsOneLineBeforeTheCommand() throws {
        let run = try alone(["/bin/sh", "-c", "echo err >&2; exit 7"])
        #expect(try run.exitCode() == 7)
        let complaint = "charon-run: no charond: /dev/null/socket: connect: Not a directory; test runs without a record"
        #expect(try run.text("stderr") == "\(complaint)\nerr\n")
    }

    @Test func aDeadReaderKeepsNoCommandFromRunning() throws {
        let dead = try deadPipe()
        let run = try alone(["/bin/sh", "-c", "echo ran; exit 7"], error: dead.writing)
        #expect(try run.exitCode() == 7)
        #expect(try run.text("stdout") == "ran\n")
    }

    @Test func aDeadReaderChangesNoCode() throws {
        let dead = try deadPipe()
        let missing = try Wrapped(["charon-no-such-command"], streams: Wrapped.Streams(error: dead.writing))
        #expect(try missing.exitCode() == 127)
        #expect(try alone(["charon-no-such-command"], error: dead.writing).exitCode() == 127)
        let badLine = try Wrapped(["true"], options: ["--nope"], streams: Wrapped.Streams(error: dead.writing))
        #expect(try badLine.exitCode() == 125)
    }

    /// A reader who takes nothing.
    enum Stuck: CaseIterable {
        case pipe, pipeOfAnotherUser, socket, terminal

        static var possible: [Stuck] { allCases.filter { $0 != .pipeOfAnotherUser || geteuid() == 0 } }
    }

    @Test(arguments: Stuck.possible) func aStuckReaderHoldsNothingUp(stuck: Stuck) throws {
        let pipe = try Pipe(isSocket: stuck == .socket), pty = try Pty()
        try pipe.fill()
        try pty.suspendOutput()
        let terminal = try Descriptor.open(pty.terminal, O_RDWR | O_NOCTTY)
        let error = stuck == .terminal ? terminal.number : pipe.writing
        let user = stuck == .pipeOfAnotherUser ? "setpriv --reuid=65534 --clear-groups" : ""
        let run = try alone(["/bin/sh", "-c", "echo ran; exit 7"], error: error, as: user)
        #expect(try run.exitCode() == 7)
        #expect(try run.text("stdout") == "ran\n")
        #expect(try alone(["/no/such/command"], error: error, as: user).exitCode() == 127)
        #expect(fcntl(error, F_GETFL) & O_NONBLOCK == 0)
        // The instrument: there was no room for a complaint.
        var state = pollfd(fd: error, events: Int16(POLLOUT), revents: 0)
        #expect(poll(&state, 1, 0) == 0)
    }

    @Test func aReaderGetsMoreThanAPipeHolds() throws {
        let pipe = try Pipe()
        let word = String(repeating: "x", count: 100_000)
        let run = try Wrapped(["true"], options: ["--\(word)"], streams: Wrapped.Streams(error: pipe.writing))
        let complaint = "charon-run: unknown option '--\(word)'; charon-run --help lists what there is\n"
        #expect(pipe.readToEnd().elementsEqual(complaint.utf8))
        #expect(try run.exitCode() == 125)
    }

    @Test func aFileSizeLimitEndsNothing() throws {
        let run = try Wrapped(["true"], options: ["--nope"], shell: "ulimit -f 0; exec \"$@\"")
        #expect(try run.exitCode() == 125)
        #expect(try run.text("stderr").isEmpty)
    }

    @Test func aBackgroundJobIsNotStoppedByIt() throws {
        let pty = try Pty()
        let run = try Wrapped(
            ["true"], options: ["--nope"], streams: Wrapped.Streams(terminal: pty.terminal),
            shell: "stty tostop; set -m; \"$@\" & wait -f $!; exit $?")
        try pty.wait(for: "unknown option '--nope'")
        #expect(try run.exitCode() == 125)
    }

    @Test(arguments: [[], [SIGPIPE], [SIGUSR1]] as [[Int32]], [[], [SIGPIPE], [SIGHUP]] as [[Int32]])
    func theSignalStateStays(mask: [Int32], ignored: [Int32]) throws {
        let dead = try deadPipe()
        let run = try alone(["cat", "/proc/self/status"], error: dead.writing, mask: mask, ignored: ignored)
        #expect(try run.exitCode() == 0)
        let status = try run.text("stdout")
        #expect(try ProcessState.signals("SigBlk", in: status) == mask.reduce(0) { $0 | ProcessState.bit($1) })
        #expect(try ProcessState.signals("SigIgn", in: status) == ignored.reduce(0) { $0 | ProcessState.bit($1) })
        #expect(try ProcessState.signals("SigCgt", in: status) == 0)
    }

    @Test(arguments: [SIGPIPE, SIGXFSZ], [false, true])
    func aSignalOfTheWriteIsTakenAwayAndNoOther(signal: Int32, wasPending: Bool) throws {
        var one = sigset_t(), before = sigset_t(), after = sigset_t(), pending = sigset_t(), noTime = timespec()
        sigemptyset(&one)
        sigaddset(&one, signal)
        if wasPending {
            pthread_sigmask(SIG_BLOCK, &one, nil)
            raise(signal)
        }
        pthread_sigmask(SIG_BLOCK, nil, &before)
        WriteSignals.withheld { raise(signal) }
        pthread_sigmask(SIG_BLOCK, nil, &after)
        sigpending(&pending)
        #expect((sigismember(&pending, signal) == 1) == wasPending)
        #expect((1...64).allSatisfy { sigismember(&before, $0) == sigismember(&after, $0) })
        if wasPending {
            #expect(sigtimedwait(&one, nil, &noTime) == signal)
            pthread_sigmask(SIG_UNBLOCK, &one, nil)
        }
    }
}
