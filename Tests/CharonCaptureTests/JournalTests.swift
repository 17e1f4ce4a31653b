import CharonCore
import CharonJournald
import CharonRuns
import Glibc
import Testing

/// The journal's share of a run, through the real charon-run and a socket that stands for journald.
@Suite(.serialized) struct JournalTests {
    private let journald: TestJournald

    init() throws { journald = try TestJournald() }

    private func wrap(
        _ script: String, options: [String] = [], streams: Wrapped.Streams = Wrapped.Streams(), shell: String? = nil
    ) throws -> Wrapped {
        try Wrapped(
            ["/bin/sh", "-c", script], options: options, streams: streams, shell: shell ?? journald.shell)
    }

    private func messages() throws -> [String] { try journald.entries().map { $0["MESSAGE"] ?? "" } }

    @Test func aLineIsAnEntryWithItsFields() throws {
        let run = try wrap("echo out; sleep 0.1; echo '<3>worse' >&2", options: ["--application", "shop"])
        #expect(try run.exitCode() == 0)
        let log = try run.log()
        let entries = try journald.entries()
        try #require(entries.count == 2 && log.count == 2)
        for (entry, line) in zip(entries, log) {
            #expect(entry["SYSLOG_IDENTIFIER"] == "test" && entry["CHARON_SLUG"] == "test")
            #expect(entry["CHARON_APPLICATION"] == "shop")
            #expect(entry["CHARON_TIME"] == line.at.rfc3339 && entry["CHARON_STREAM"] == line.stream.rawValue)
        }
        #expect(entries.map { $0["MESSAGE"] } == ["out", "worse"])
        #expect(entries.map { $0["PRIORITY"] } == ["6", "3"])
    }

    @Test func theRunIsNamed() throws {
        let id = "20260131T040506789-0123456789ab"
        let run = try wrap("echo x", shell: "export CHARON_RUN_ID=\(id); " + journald.shell)
        #expect(try run.exitCode() == 0)
        #expect(try journald.entries().map { $0["CHARON_RUN"] } == [id])
    }

    @Test func aLineThatComesInPartsIsOneEntry() throws {
        let run = try wrap("printf 'name? '; sleep 0.4; echo x; head -c 40000 /dev/zero | tr '\\0' y; echo; printf end")
        #expect(try run.exitCode() == 0)
        #expect(try run.log().contains(where: \.isPartial))
        #expect(try messages() == ["name? x", String(repeating: "y", count: 40_000), "end"])
    }

    @Test func aLineWithoutAnEndIsCut() throws {
        let run = try wrap("head -c 300000 /dev/zero | tr '\\0' y; echo; echo next")
        #expect(try run.exitCode() == 0)
        let entries = try journald.entries()
        #expect(entries.map { $0["MESSAGE"]?.count } == [262_144, 4])
        #expect(entries.map { $0["CHARON_CUT_BYTES"] } == ["37856", nil])
    }

    @Test func whatATerminalWouldNotShowHasAFieldOfItsOwn() throws {
        let run = try wrap("printf 'a\\033[1mb\\r\\n'; echo plain")
        #expect(try run.exitCode() == 0)
        let entries = try journald.entries()
        #expect(entries.map { $0["MESSAGE"] } == ["ab", "plain"])
        #expect(entries.map { $0["CHARON_RAW"] } == ["a\u{1B}[1mb\r", nil])
    }

    @Test func aFloodIsCutAndCounted() throws {
        let run = try wrap("seq 1500; sleep 0.1; echo late; printf end")
        // Somebody has to take the entries: a socket holds few.
        var entries: [[String: String]] = []
        try eventually("the pointer") {
            entries += try journald.entries()
            return entries.contains { $0["MESSAGE_ID"] != nil }
        }
        #expect(try run.exitCode() == 0)
        entries += try journald.entries()
        #expect(entries.dropLast().map { $0["MESSAGE"] } == (1...1000).map(String.init))
        #expect(entries.last?["MESSAGE_ID"] == Event.linesMissing.messageID)
        #expect(entries.last?["CHARON_MISSING_LINES"] == "502" && entries.last?["PRIORITY"] == "4")
        #expect(try run.ended().stdoutLines == 1502)
    }

    @Test func withoutAReaderNothingWaits() throws {
        let run = try wrap("seq 20000; exit 3")
        #expect(try run.exitCode(within: 20) == 3)
        #expect(try run.ended().stdoutLines == 20_000)
        // What the socket holds is there, in order, and all was passed on.
        let numbers = try messages().compactMap { Int($0) }
        #expect(numbers == Array(1...max(numbers.count, 1)))
        #expect(try run.text("stdout") == (1...20_000).map { "\($0)\n" }.joined())
    }

    @Test func withoutAJournaldAllIsAsEver() throws {
        let run = try wrap("echo x; echo y >&2", shell: "export CHARON_JOURNAL_SOCKET=/nonexistent; exec \"$@\"")
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "x\n" && run.text("stderr") == "y\n")
        #expect(try run.log().count == 2)
    }

    @Test(arguments: [("warning", ["2", "3"]), ("err", ["3"]), ("debug", ["1", "2", "3"]), ("none", [])])
    func theLevelIsALimit(level: String, expected: [String]) throws {
        let run = try wrap(
            "echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo '<3>3'", options: ["--journal-level", level])
        #expect(try run.exitCode() == 0)
        #expect(try messages() == expected)
        #expect(try run.log().count == 3)
    }

    /// `script` sets JOURNAL_STREAM to one of the outputs that charon-run will have.
    @Test(arguments: [
        ("%d:%i", "1", "", "err\n", ["err", "out"]), ("%d:%i", "2", "out\n", "", ["err", "out"]),
        ("%d:1%i", "1", "out\n", "err\n", ["err", "out"]),
    ])
    func anOutputThatIsTheJournalGetsItsLinesOnce(
        form: String, descriptor: String, out: String, error: String, entries: [String]
    ) throws {
        let set = "export JOURNAL_STREAM=$(stat -L -c \(form) /proc/$$/fd/\(descriptor)); "
        let run = try wrap("echo out; echo err >&2; test -z \"$JOURNAL_STREAM\"", shell: set + journald.shell)
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == out && run.text("stderr") == error)
        #expect(try messages().sorted() == entries)
        #expect(try run.log().count == 2)
    }

    @Test func withoutALevelSuchAnOutputKeepsItsLines() throws {
        let set = "export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/1); "
        let run = try wrap("echo out", options: ["--journal-level=none"], shell: set + journald.shell)
        #expect(try run.exitCode() == 0)
        #expect(try run.text("stdout") == "out\n")
        #expect(try messages().isEmpty)
    }

    @Test func whatADescendantWritesLaterComesOnce() throws {
        let run = try wrap("echo first; (sleep 0.3; echo last) & exit 0")
        #expect(try run.exitCode() == 0)
        var found: [String] = []
        try eventually("the descendant's line") {
            found += try messages()
            return found.contains("last")
        }
        #expect(found == ["first", "last"])
    }
}
