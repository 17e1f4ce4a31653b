import CharonCore
import CharonRuns
import Glibc
import Testing

/// Lines through the real charon-run.
@Suite(.serialized) struct LineTests {
    private func shell(_ script: String, options: [String] = []) throws -> Wrapped {
        try Wrapped(["/bin/sh", "-c", script], options: ["--quiet"] + options)
    }

    @Test(
        arguments: [
            ("true", []), ("echo", [""]), ("printf x", ["x"]), ("printf 'a\\n\\n\\nb'", ["a", "", "", "b"]),
            ("printf 'a\\0b\\n\\0'", ["a\u{0}b", "\u{0}"]), ("printf '1%%\\r2%%\\rdone\\r\\n'", ["1%\r2%\rdone\r"]),
        ] as [(String, [String])])
    func small(script: String, lines: [String]) throws {
        let run = try shell(script)
        #expect(try run.exitCode() == 0)
        let log = try run.log()
        #expect(log.map { String(decoding: $0.text, as: UTF8.self) } == lines)
        #expect(log.allSatisfy { !$0.isPartial && $0.stream == .stdout })
        let ended = try run.ended()
        #expect(ended.stdoutLines == lines.count && ended.stderrLines == 0 && ended.lostBytes == 0)
        #expect(try ended.outputBytes == run.file("output.log").count)
    }

    @Test func rawBytesStayRaw() throws {
        let run = try shell("printf '\\377\\376\\303\\n' >&2")
        #expect(try run.exitCode() == 0)
        #expect(try run.log().map(\.text) == [[0xFF, 0xFE, 0xC3]])
        #expect(try run.ended().stderrLines == 1)
    }

    @Test func aHundredThousandLines() throws {
        let run = try shell("seq 100000; seq 5 >&2")
        #expect(try run.exitCode() == 0)
        let log = try run.log()
        #expect(log.filter { $0.stream == .stdout }.map(\.text) == (1...100_000).map { Array("\($0)".utf8) })
        #expect(log.filter { $0.stream == .stderr }.map(\.text) == (1...5).map { Array("\($0)".utf8) })
        #expect(try run.ended().stdoutLines == 100_000)
        #expect(try run.ended().stderrLines == 5)
    }

    @Test func fiveMillionLines() throws {
        let run = try shell("seq 5000000")
        #expect(try run.exitCode(within: 120) == 0)
        let ended = try run.ended()
        #expect(ended.stdoutLines == 5_000_000 && ended.stderrLines == 0 && ended.lostBytes == 0)
        let log = "\(run.directory)/output.log"
        #expect(try Descriptor.open(log, O_RDONLY).size == ended.outputBytes)
        #expect(try Self.output(of: "wc -l <\(log)") == "5000000\n")
        #expect(try Self.output(of: "sed -n '1p;$p' \(log) | cut -d' ' -f2-") == "stdout F 1\nstdout F 5000000\n")
        // cut(1) counts from 1.
        let texts = "cut -b\(LogLine.prefixLength + 1)- \(log) | cksum"
        #expect(try Self.output(of: texts) == Self.output(of: "seq 5000000 | cksum"))
    }

    /// What a shell script writes.
    private static func output(of script: String) throws -> String {
        guard let stream = popen(script, "r") else { throw SystemError.last("popen") }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, stream)
        #expect(pclose(stream) == 0)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test func aLineOf64MiB() throws {
        let size = 67_108_864
        let path = "/tmp/charon-line-\(getpid())"
        defer { unlink(path) }
        let run = try shell("head -c \(size) /dev/urandom | tr '\\n' x | tee \(path); echo; echo next")
        #expect(try run.exitCode(within: 120) == 0)
        #expect(try run.ended().stdoutLines == 2)
        let log = try run.log()
        let line = log.dropLast()
        #expect(log.last?.text == Array("next".utf8) && log.last?.isPartial == false)
        #expect(line.last?.isPartial == false && line.dropLast().allSatisfy(\.isPartial))
        #expect(line.allSatisfy { $0.text.count <= LogLine.longestText && $0.stream == .stdout })
        let written = try Descriptor.open(path, O_RDONLY).read(at: 0, limit: size + 1)
        #expect(written.count == size)
        #expect(line.reduce(into: []) { $0 += $1.text } == written)
    }

    @Test func aPromptIsRecordedWhileTheCommandWaits() throws {
        let pipe = try Pipe()
        let run = try Wrapped(
            ["/bin/sh", "-c", "printf 'name? '; read name; echo \"hello $name\""],
            streams: Wrapped.Streams(input: pipe.reading))
        try eventually("the prompt is recorded") { try !run.file("output.log").isEmpty }
        #expect(try run.log().map(\.isPartial) == [true])
        pipe.write("x\n")
        #expect(try run.exitCode() == 0)
        #expect(
            try run.log().map { "\($0.isPartial) \(String(decoding: $0.text, as: UTF8.self))" }
                == ["true name? ", "false hello x"])
        #expect(try run.ended().stdoutLines == 1)
    }

    @Test func aProgressBarThatNeverRestsIsRecordedWhileItRuns() throws {
        let run = try shell("while :; do printf '50%%\\r'; sleep 0.02; done")
        try eventually("it is recorded") { try !run.file("output.log").isEmpty }
        #expect(try run.log().allSatisfy { $0.isPartial })
        run.send(SIGTERM)
        #expect(try run.exitCode() == 143)
        #expect(try run.ended().stdoutLines == 1)
        #expect(try run.log().last?.isPartial == false)
    }

    @Test func timesAreThoseOfTheLines() throws {
        let before = Instant.now()
        let run = try shell("echo a; sleep 0.2; echo b")
        #expect(try run.exitCode() == 0)
        let times = try run.log().map(\.at)
        #expect(times[0] > before && times[1].seconds(since: times[0]) >= 0.19 && times[1] < Instant.now())
    }

    @Test func resourcesAreThoseOfAllItsProcesses() throws {
        let run = try shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'")
        #expect(try run.exitCode() == 0)
        let ended = try run.ended()
        #expect(ended.userTime > TimeSpan(milliseconds: 20) && ended.maxResident > 500)
    }
}
