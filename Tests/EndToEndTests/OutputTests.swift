import CharonCore
import CharonRuns
import Glibc
import Testing

/// Output that is no well-formed text: raw to the caller and in the record, clean on the server.
@Suite(.serialized)
struct OutputTests {
    /// What the record holds of a stream: the bytes of the command, without its newlines at the ends of lines.
    private func recorded(_ site: Site, _ slug: String, _ stream: LogLine.Stream = .stdout) throws -> [[UInt8]] {
        let record = try #require(site.records(of: slug).first)
        var lines: [[UInt8]] = []
        var isOpen = false
        for entry in bytes(of: "\(record)/output.log").split(separator: 0x0A) {
            let line = try #require(LogLine(entry: entry))
            guard line.stream == stream else { continue }
            if isOpen, let last = lines.popLast() { lines.append(last + line.text) } else { lines.append(line.text) }
            isOpen = line.isPartial
        }
        return lines
    }

    /// A printf(1) format whose output is one line, and what the server shows of it.
    private static let cases: [(format: String, shown: String)] = [
        (#"plain"#, "plain"), (#"a\000b\000"#, "ab"), (#"caf\351 \377\376"#, "caf\u{FFFD} \u{FFFD}\u{FFFD}"),
        (#"cut: \342\202"#, "cut: \u{FFFD}"), (#"\303\251t\303\251 \360\237\232\202"#, "été 🚂"),
        (#" 10%%\r 50%%\r100%%"#, "100%"), (#"done\r"#, "done"),
        (#"\033[31mred\033[0m \033]0;title\007text"#, "red text"),
        (#"bell\007 back\010space tab\there"#, "bell backspace tab\there"), (#"  spaces  "#, "  spaces  "),
    ]

    @Test func bytesThatAreNoTextStayRawInTheRecordAndAreCleanOnTheServer() async throws {
        try await Site.running("bytes") { site in
            let script = Self.cases.map { "printf '\($0.format)\\n'" }.joined(separator: "\n")
            let direct = try Spawned(["sh", "-c", script], in: site.path)
            #expect(try await direct.exitCode() == 0)
            let raw = bytes(of: direct.outputPath)
            #expect(raw.contains(0) && raw.contains(0xFF))

            let line = try site.start("bytes", command: ["sh", "-c", script])
            #expect(try await line.exitCode() == 0)
            #expect(bytes(of: line.outputPath) == raw)
            let execution = try await site.ended("bytes")
            let shown = execution.messages.map(\.text).joined(separator: "\n").split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(shown.map(String.init) == Self.cases.map(\.shown))
            #expect(execution.message.contains("\(Self.cases.count) lines on stdout"))
            #expect(try recorded(site, "bytes") == raw.split(separator: 0x0A).map(Array.init))
        }
    }

    @Test func aProgressBarShowsItsStatesAndEndsAsItsLast() async throws {
        try await Site.running("bar") { site in
            let script = "for n in 10 50 100; do printf '%3d%%\\r' $n; sleep 0.6; done; printf '\\n'"
            let line = try site.start("bar", command: ["sh", "-c", script])
            #expect(try await line.exitCode() == 0)
            #expect(bytes(of: line.outputPath) == Array(" 10%\r 50%\r100%\r\n".utf8))
            let execution = try await site.ended("bar")
            let states = execution.messages.map(\.text).filter { $0 != "" }
            #expect(states.last == "100%")
            #expect(Set(states).isSubset(of: [" 10%", " 50%", "100%"]), "\(states)")
            #expect(execution.message.contains("1 line on stdout"), "\(execution.message)")
            #expect(try recorded(site, "bar") == [Array(" 10%\r 50%\r100%\r".utf8)])
        }
    }

    /// The line is cut into parts in the record; of what is sent together, the server shows the beginning and says how
    /// much was cut.
    @Test func aVeryLongLineIsWholeInTheRecordAndCutOnTheServer() async throws {
        try await Site.running("long") { site in
            let count = 2_000_001
            let script = "head -c \(count - 1) /dev/zero | tr '\\0' x; printf 'é\\nbehind\\n'"
            let line = try site.start("long", command: ["sh", "-c", script])
            #expect(try await line.exitCode() == 0)
            let raw = [UInt8](repeating: UInt8(ascii: "x"), count: count - 1) + Array("é".utf8)
            #expect(bytes(of: line.outputPath) == raw + Array("\nbehind\n".utf8))
            let execution = try await site.ended("long", within: 60)
            #expect(execution.message.contains("2 lines on stdout"), "\(execution.message)")
            #expect(execution.lines.last == "behind")
            var shown = 0
            for text in execution.lines.dropLast() {
                #expect(text.utf8.count <= 4096)
                let cut = text.split(separator: "(").last.map { $0.prefix { $0.isNumber } }.flatMap { Int($0) } ?? 0
                shown += text.prefix { "xé".contains($0) }.utf8.count + cut
            }
            #expect(shown == raw.count)
            #expect(try recorded(site, "long") == [raw, Array("behind".utf8)])
        }
    }

    @Test func levelsAreThoseThatTheLinesName() async throws {
        try await Site.running("job") { site in
            let script = """
                echo starting; echo '[OK] 3 imported'; echo 'warning: low on space'
                echo 'PHP Fatal error:  Uncaught RuntimeException: bad in /a.php:1'; echo 'Stack trace:'
                echo '#0 /a.php(1): f()'; echo '#1 {main}'; echo '  thrown in /a.php on line 1'
                echo '10 % done'; echo 'quota exceeded'; echo '<7>detail'
                """
            let command = ["sh", "-c", script]
            let line = try await site.run(
                "--level", "drop:contains:% done", "--level=error:starts_with:quota", "job", command: command)
            #expect(line.exitCode == 0)
            let execution = try await site.ended("job")
            let found = execution.messages.map { "\($0.type) \($0.text)" }
            let fatal = [
                "PHP Fatal error:  Uncaught RuntimeException: bad in /a.php:1", "Stack trace:", "#0 /a.php(1): f()",
                "#1 {main}", "  thrown in /a.php on line 1", "quota exceeded",
            ]
            #expect(
                found == [
                    "info starting", "success [OK] 3 imported", "warning warning: low on space",
                    "error " + fatal.joined(separator: "\n"), "info detail",
                ])
            #expect(execution.message.contains("1 line kept back by the run's own rules"))
            let brief = ["sh", "-c", "echo a; echo 'error: b'"]
            #expect(try await site.run("--send-level", "error", "job", command: brief).exitCode == 0)
            #expect(try await site.ended("job", count: 2).last?.lines == ["error: b"])
        }
    }

    @Test func aLineWithoutANewlineAndEmptyLinesCount() async throws {
        try await Site.running("empty", "none") { site in
            let line = try await site.run("empty", script: "printf 'one\\n\\n\\nfour\\nlast'")
            #expect(line.output == "one\n\n\nfour\nlast")
            let execution = try await site.ended("empty")
            #expect(execution.messages.map(\.text).joined(separator: "\n") == "one\n\n\nfour\nlast")
            #expect(execution.message.contains("5 lines on stdout"))
            #expect(try await site.run("none", script: "exit 0").output == "")
            let none = try await site.ended("none")
            #expect(none.messages.isEmpty && none.message.contains("0 lines on stdout"))
        }
    }
}
