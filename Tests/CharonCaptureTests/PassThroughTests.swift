import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite(.serialized) struct PassThroughTests {
    /// Bytes of every value, with lines of all lengths, in a new file.
    private func randomFile(_ size: Int, seed: UInt64) throws -> (path: String, bytes: [UInt8]) {
        var random = Seeded(state: seed)
        let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let path = "/dev/shm/charon-random-\(getpid())-\(seed)"
        unlink(path)
        try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644).write(bytes)
        return (path, bytes)
    }

    @Test func bothStreamsAreByteForByteAndUnmerged() throws {
        let out = try randomFile(700_000, seed: 1), err = try randomFile(300_000, seed: 2)
        defer { for path in [out.path, err.path] { unlink(path) } }
        let run = try Wrapped(["/bin/sh", "-c", "cat \(err.path) >&2 & cat \(out.path); wait"])
        #expect(try run.exitCode() == 0)
        #expect(try run.file("stdout") == out.bytes)
        #expect(try run.file("stderr") == err.bytes)
        let recorded = try run.log().filter { $0.stream == .stdout }
        let texts = recorded.map { $0.text + ($0.isPartial ? [] : [0x0A]) }
        #expect(Array(texts.joined().prefix(out.bytes.count)) == out.bytes)
    }

    @Test(arguments: [false, true]) func throughAPipeOrSocket(isSocket: Bool) throws {
        let file = try randomFile(1_000_000, seed: isSocket ? 3 : 4)
        defer { unlink(file.path) }
        let pipe = try Pipe(isSocket: isSocket)
        let run = try Wrapped(["cat", file.path], streams: Wrapped.Streams(output: pipe.writing))
        #expect(pipe.readToEnd() == file.bytes)
        #expect(try run.exitCode() == 0)
    }

    @Test(.enabled(if: geteuid() == 0)) func throughAPipeThatCannotBeOpenedAgain() throws {
        let file = try randomFile(1_000_000, seed: 5)
        defer { unlink(file.path) }
        let pipe = try Pipe()
        // Another user's pipe: /proc/self/fd refuses it.
        let run = try Wrapped(
            ["cat", file.path], streams: Wrapped.Streams(output: pipe.writing),
            shell: "exec setpriv --reuid=65534 --clear-groups \"$@\"")
        #expect(pipe.readToEnd() == file.bytes)
        #expect(try run.exitCode() == 0)
    }

    @Test func appendedToAFileThatOthersWriteToo() throws {
        let run = try Wrapped(["echo", "two"], shell: "echo one; \"$@\"; code=$?; echo three; exit $code")
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "one\ntwo\nthree\n")
    }

    @Test func nothingIsHeldBack() throws {
        let pipe = try Pipe()
        let job = "printf x; exec sleep 60"
        let run = try Wrapped(["/bin/sh", "-c", job], streams: Wrapped.Streams(output: pipe.writing))
        #expect(pipe.read() == Array("x".utf8))
        #expect(ProcessState.lives(try run.started().child.pid))
        run.send(SIGTERM)
        try run.exitCode()
    }

    @Test func quietPassesNothingOn() throws {
        let run = try Wrapped(["/bin/sh", "-c", "echo out; echo err >&2; exit 4"], options: ["--quiet"])
        #expect(try run.exitCode() == 4)
        #expect(try run.file("stdout").isEmpty && run.file("stderr").isEmpty)
        #expect(try run.log().count == 2)
    }

    @Test func aDeadReaderEndsThePassThroughOnly() throws {
        let pipe = try Pipe()
        pipe.closeReading()
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 30000; echo err >&2; exit 11"], streams: Wrapped.Streams(output: pipe.writing))
        #expect(try run.exitCode() == 11)
        #expect(try run.ended().stdoutLines == 30_000)
        #expect(try run.text("stderr") == "err\n")
    }

    @Test func aReaderThatDiesLaterEndsThePassThroughOnly() throws {
        let pipe = try Pipe()
        let run = try Wrapped(["/bin/sh", "-c", "seq 300000; exit 12"], streams: Wrapped.Streams(output: pipe.writing))
        #expect(pipe.read(1) == [0x31])
        pipe.closeReading()
        #expect(try run.exitCode() == 12)
        #expect(try run.ended().stdoutLines == 300_000)
    }

    @Test func aFullDeviceEndsThePassThroughOnly() throws {
        let full = try Descriptor.open("/dev/full", O_WRONLY)
        let run = try Wrapped(["/bin/sh", "-c", "seq 1000; exit 13"], streams: Wrapped.Streams(output: full.number))
        #expect(try run.exitCode() == 13)
        #expect(try run.ended().stdoutLines == 1000)
    }

    @Test(arguments: [false, true]) func aTerminalThatIsGoneEndsThePassThroughOnly(isGoneFirst: Bool) throws {
        let pty = try Pty(), input = try Pipe()
        let terminal = try Descriptor.open(pty.terminal, O_RDWR | O_NOCTTY)
        if isGoneFirst { pty.hangUp() }
        let run = try Wrapped(
            ["/bin/sh", "-c", "echo one; read go; seq 1000; exit 14"],
            streams: Wrapped.Streams(input: input.reading, output: terminal.number))
        if !isGoneFirst {
            try pty.wait(for: "one")
            pty.hangUp()
        }
        #expect(write(terminal.number, "x", 1) == -1 && errno == EIO)
        input.write("go\n")
        #expect(try run.exitCode() == 14)
        #expect(try run.ended().stdoutLines == 1001)
        #expect(try run.log().last?.text == Array("1000".utf8))
    }

    @Test func aSlowReaderSlowsTheCommand() throws {
        let pipe = try Pipe()
        let run = try Wrapped(["seq", "400000"], streams: Wrapped.Streams(output: pipe.writing))
        let child = try run.started().child.pid
        var size = -1
        try eventually("nothing moves any more") {
            let before = size
            usleep(100_000)
            size = try run.file("output.log").count
            return size > 0 && size == before
        }
        // Some pipes and buffers full, of 2.7 MB in all.
        #expect(try run.log().reduce(0) { $0 + $1.text.count + 1 } < 400_000)
        #expect(ProcessState.lives(child))
        let expected = (1...400_000).map { "\($0)\n" }.joined()
        #expect(pipe.readToEnd() == Array(expected.utf8))
        #expect(try run.exitCode() == 0)
        #expect(try run.ended().stdoutLines == 400_000)
    }

    @Test func aStuckReaderHindersNoSignal() throws {
        let pipe = try Pipe()
        let run = try Wrapped(
            ["/bin/sh", "-c", "seq 400000; exit 1"], options: ["--stop-grace=300ms"],
            streams: Wrapped.Streams(output: pipe.writing))
        try eventually("something is recorded") { try run.file("output.log").count > 0 }
        run.send(SIGTERM)
        #expect(try run.exitCode(within: 20) == 143)
    }

    @Test func aStuckReaderHindersNoTimeout() throws {
        let pipe = try Pipe()
        let run = try Wrapped(
            ["seq", "400000"], options: ["--timeout=300ms", "--stop-grace=300ms"],
            streams: Wrapped.Streams(output: pipe.writing))
        #expect(try run.exitCode(within: 20) == 124)
    }

    @Test func theOutcomeDoesNotWaitForTheReader() throws {
        let pipe = try Pipe()
        let run = try Wrapped(["seq", "25000"], streams: Wrapped.Streams(output: pipe.writing))
        try eventually("the outcome is recorded") { try run.records.count == 2 }
        #expect(ProcessState.lives(run.pid))
        #expect(pipe.readToEnd().count == 138_894)
        #expect(try run.exitCode() == 0)
    }

    @Test func inheritedDescriptionsStayBlocking() throws {
        let pipe = try Pipe(), socket = try Pipe(isSocket: true)
        let run = try Wrapped(
            ["/bin/sh", "-c", "echo x; echo y >&2; exec sleep 60"],
            streams: Wrapped.Streams(output: pipe.writing, error: socket.writing))
        #expect(pipe.read() == Array("x\n".utf8) && socket.read() == Array("y\n".utf8))
        for descriptor in [pipe.writing, socket.writing] { #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0) }
        run.send(SIGTERM)
        try run.exitCode()
        for descriptor in [pipe.writing, socket.writing] { #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0) }
    }
}
