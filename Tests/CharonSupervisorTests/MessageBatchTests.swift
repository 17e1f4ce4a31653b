import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Entries joined to messages")
struct MessageBatchTests {
    private let start: LineLevels

    init() throws { start = LineLevels(try request()) }

    private typealias Line = (stream: LogLine.Stream, isPartial: Bool, text: String)

    /// Entries as a reader would give them, with the offsets that they would have.
    private func entries(_ lines: [Line]) throws -> [OutputReader.Entry] {
        let directory = try TemporaryDirectory()
        let run = try request()
        let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try record.create(run)
        for line in lines { try handles.write(line.text, line.stream, isPartial: line.isPartial) }
        return try OutputReader(record).entries(from: 0, limit: 1 << 20)
    }

    private func join(
        _ entries: [OutputReader.Entry], bounds: DeliveryRecord.Batch? = nil, _ form: MessageForm = MessageForm()
    ) -> MessageBatch? {
        MessageBatch(entries, from: 0, bounds: bounds, form, after: start)
    }

    @Test("No entries, no message")
    func none() { #expect(join([]) == nil) }

    @Test("Lines that queue are joined with neighbours of their level, and another level ends the message")
    func levels() throws {
        let all = try entries([
            (.stdout, false, "a"), (.stdout, false, "<6>b"), (.stdout, false, "<5>c"), (.stdout, false, "<3>d"),
            (.stderr, false, "<3>e"), (.stderr, false, "f"), (.stdout, false, "<4>g"), (.stdout, false, ""),
        ])
        var (rest, from) = (all[...], Int64(0))
        var found: [String] = []
        var levels = start
        while let next = MessageBatch(Array(rest), from: from, bounds: nil, MessageForm(), after: levels) {
            levels = next.levels
            #expect(next.bounds.from == from)
            found.append("\(next.level?.rawValue ?? "-") \(next.lines) \(next.text)")
            from = next.bounds.to
            rest = rest.drop { $0.end <= from }
        }
        #expect(found == ["info 3 a\nb\nc", "error 2 d\ne", "warning 2 f\ng", "info 1 "])
        #expect(from == all.last?.end)
    }

    @Test("Parts become their line again, with the level of its beginning, even if the other stream is between")
    func parts() throws {
        let all = try entries([
            (.stdout, true, "<3>one "), (.stdout, true, "<7>two "), (.stderr, false, "<3>other"),
            (.stdout, false, "three"), (.stdout, false, "<3>next"),
        ])
        let batch = try #require(join(all))
        #expect(batch.level == .error)
        #expect(batch.text == "one <7>two three\nother\nnext")
        #expect(batch.lines == 3)
    }

    @Test("Up to 16 KiB of what is sent, but always one line")
    func size() throws {
        let line: Line = (.stdout, false, String(repeating: "x", count: 1023))
        let joined = try #require(join(try entries(Array(repeating: line, count: 40))))
        #expect(joined.text.utf8.count <= Timing.joinedBytes)
        #expect(joined.lines == 16)
        let alone: Line = (.stdout, false, String(repeating: "y", count: LogLine.longestText))
        let cut = try #require(join(try entries([alone, alone]), MessageForm(messageBytes: 65_536)))
        #expect(cut.lines == 1)
        #expect(cut.text.utf8.count == LogLine.longestText)
    }

    @Test(
        "Up to another size; with none, each line is a message", arguments: [(0, 1), (1024, 1), (2048, 2), (4096, 4)])
    func otherSize(bytes: Int, lines: Int64) throws {
        let line: Line = (.stdout, false, String(repeating: "x", count: 1023))
        let all = try entries(Array(repeating: line, count: 5))
        #expect(join(all, MessageForm(joinedBytes: bytes))?.lines == lines)
    }

    @Test("What grows by being cleaned counts as it is sent")
    func replacement() throws {
        let directory = try TemporaryDirectory()
        let run = try request()
        let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try record.create(run)
        for _ in 0..<12 {
            try handles.output.write("\(noon.rfc3339) stdout F ".utf8 + [UInt8](repeating: 0xFF, count: 1300) + [0x0A])
        }
        let batch = try #require(join(try OutputReader(record).entries(from: 0)))
        #expect(batch.lines == 4)
        #expect(batch.text.utf8.count <= Timing.joinedBytes)
    }

    @Test("With bounds the message is the one that it was, whatever has come behind it")
    func bounds() throws {
        let all = try entries((0..<100).map { (.stdout, false, "line \($0)") })
        let first = try #require(join(Array(all.prefix(7))))
        let again = try #require(join(all, bounds: first.bounds))
        #expect(again == first)
        #expect(join(all, bounds: DeliveryRecord.Batch(from: 0, to: 1)) == nil)
        // A message with several levels never goes out, but a bound that says so is kept to.
        let mixed = try entries([(.stdout, false, "a"), (.stderr, false, "b")])
        let end = try #require(mixed.last?.end)
        #expect(join(mixed, bounds: DeliveryRecord.Batch(from: 0, to: end))?.lines == 2)
    }

    @Test("A line is cut at the length of a message and cleaned")
    func cleaned() throws {
        let batch = try #require(
            join(
                try entries([
                    (.stdout, false, "\u{1B}[31mred\u{1B}[0m"), (.stdout, false, String(repeating: "z", count: 300)),
                ]),
                MessageForm(messageBytes: 100)))
        let lines = batch.text.split(separator: "\n")
        #expect(lines[0] == "red")
        #expect(lines[1].utf8.count <= 100)
        #expect(lines[1].contains("bytes cut"))
    }
}
