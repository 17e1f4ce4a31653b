import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: at most 2,000 messages or 4 MiB a run (first and last kept, the middle counted in the end message)")
struct DeliveryCapTests {
    /// What came of a run whose output was there from the beginning.
    private struct Sent {
        var texts: [String] = []
        var end = ""
        var run: Delivery

        var lines: [String] { texts.flatMap { $0.split(separator: "\n").map(String.init) } }
    }

    /// Delivers all of `entries`, which the machine gets as a reader of the file would give them.
    private func deliver(_ entries: [OutputReader.Entry], _ run: Delivery) throws -> Sent {
        var sent = Sent(run: run)
        sent.run.view.ended = Delivery.ended(behind: entries)
        while sent.run.record.end == .unsent {
            sent.run.read(entries)
            switch sent.run.next() {
            case .deliver(.message(_, _, let text), _):
                sent.texts.append(text)
                sent.run.answer(.accepted(id: nil))
            case .deliver(.end(_, _, success: _, message: let text), _):
                sent.end = text ?? ""
                sent.run.answer(.accepted(id: nil))
            case .wait(let until): sent.run.now = try #require(until)
            default: throw Missed()
            }
        }
        return sent
    }

    private func cap(messages: Int64 = 2000, bytes: Int64 = 4 << 20, last: Int64, lastBytes: Int64) -> RunCap {
        var cap = RunCap()
        (cap.messages, cap.bytes, cap.lastMessages, cap.lastBytes) = (messages, bytes, last, lastBytes)
        return cap
    }

    /// Lines of alternating level, each a message of its own.
    private func alternating(_ count: Int) throws -> [OutputReader.Entry] {
        try Delivery.entries((0..<count).map { $0 % 2 == 0 ? "<3>\($0)" : "\($0)" })
    }

    @Test("The numbers: 2,000 and 4 MiB, of which 50 and 256 KiB are the last lines'")
    func numbers() {
        let cap = RunCap()
        #expect((cap.messages, cap.bytes) == (2000, 4_194_304))
        #expect((cap.lastMessages, cap.lastBytes) == (50, 262_144))
    }

    @Test("Of a smaller cap half is the last lines', of a larger one no more than of the usual one")
    func otherNumbers() {
        let small = RunCap(messages: 11, bytes: 300_000)
        #expect((small.lastMessages, small.lastBytes) == (5, 150_000))
        let large = RunCap(messages: 1_000_000, bytes: 1 << 30)
        #expect((large.lastMessages, large.lastBytes) == (50, 262_144))
    }

    @Test("By messages: the first 16, the last 4, and the middle in lines and bytes")
    func byMessages() throws {
        let entries = try alternating(100)
        let sent = try deliver(entries, .answered(request(), cap: cap(messages: 20, last: 4, lastBytes: 1 << 16)))
        #expect(sent.lines == (Array(0..<16) + Array(96..<100)).map { "\($0)" })
        #expect(sent.run.record.messages == 20)
        let omitted = DeliveryRecord.Batch(from: entries[15].end, to: entries[95].end)
        #expect(sent.run.record.omitted == omitted)
        #expect(
            sent.end.hasSuffix(
                "; \(omitted.to - omitted.from) bytes of output.log from byte \(omitted.from) on left out, "
                    + "beyond the cap of a run; 80 of these lines were not sent"))
    }

    @Test("By bytes of text: no more than the cap, the end of it from the last lines")
    func byBytes() throws {
        let text = String(repeating: "x", count: 96)
        let entries = try Delivery.entries((0..<1000).map { "\(1000 + $0)\(text)" })
        let cap = cap(bytes: 40_000, last: 50, lastBytes: 8000)
        let sent = try deliver(entries, .answered(request(), cap: cap))
        #expect(sent.run.record.textBytes <= cap.bytes)
        #expect(sent.run.record.textBytes > cap.bytes - cap.lastBytes)
        let numbers = sent.lines.compactMap { Int($0.prefix(4)) }
        let gap = try #require(zip(numbers, numbers.dropFirst()).first { $1 != $0 + 1 })
        #expect(numbers == Array(1000...gap.0) + Array(gap.1...1999))
        #expect(gap.1 > 1900)
        #expect(sent.end.hasSuffix("; \(1000 - numbers.count) of these lines were not sent"))
    }

    @Test("A run whose rest fits into what is kept for the last lines is sent as a whole")
    func fits() throws {
        let sent = try deliver(
            try alternating(20), .answered(request(), cap: cap(messages: 20, last: 4, lastBytes: 1 << 16)))
        #expect(sent.lines == (0..<20).map { "\($0)" })
        let omitted = try #require(sent.run.record.omitted)
        #expect(omitted.from == omitted.to)
        #expect(!sent.end.contains("left out"))
        #expect(!sent.end.contains("not sent"))
    }

    @Test("While the command runs, the last lines are not known: nothing more goes out")
    func running() throws {
        var run = try Delivery.answered(request(), cap: cap(messages: 20, last: 4, lastBytes: 1 << 16))
        let entries = try alternating(30)
        while run.machine.wants(nil) != .nothing {
            run.read(entries)
            try run.reply(.accepted(id: nil))
        }
        #expect(run.record.messages == 16)
        #expect(run.next() == .wait(until: nil))
        #expect(run.record.omitted == nil)
        #expect(run.machine.wants(Delivery.ended(behind: entries)) == .last(limit: 1 << 16))
    }

    @Test("The jump is recorded with the message after it: a crash neither repeats nor loses it")
    func jump() throws {
        let entries = try alternating(100)
        let cap = cap(messages: 20, last: 4, lastBytes: 1 << 16)
        var record = try Delivery.record()
        record.messages = 16
        record.acknowledged = entries[15].end
        var run = Delivery(try request(), record, DeliveryLimits(cap: cap))
        run.view.ended = Delivery.ended(behind: entries)
        run.read(entries)
        let first = try run.call()
        #expect(run.record.sending == DeliveryRecord.Batch(from: entries[95].end, to: entries[96].end))
        #expect(run.record.omitted == DeliveryRecord.Batch(from: entries[15].end, to: entries[95].end))
        let file = try #require(DeliveryRecord(json: JSON.parse(run.record.json.bytes)))
        #expect(file == run.record)
        var next = Delivery(run.request, file, DeliveryLimits(cap: cap))
        next.view.ended = run.view.ended
        next.read(entries)
        #expect(try next.call() == first)
        // And before it was recorded, it is decided as it was.
        var again = Delivery(run.request, record, DeliveryLimits(cap: cap))
        again.view.ended = run.view.ended
        again.read(entries)
        #expect(try again.call() == first)
    }

    @Test("The last lines begin with a line, not within one of several parts")
    func wholeLines() throws {
        let directory = try TemporaryDirectory()
        let run = try request()
        let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try record.create(run)
        for number in 0..<20 { try handles.write("\(number)", number % 2 == 0 ? .stdout : .stderr) }
        // Each part is a message, as the text before it is too long for it to be joined.
        let part = String(repeating: "y", count: LogLine.longestText)
        for _ in 0..<3 { try handles.write(part, .stdout, isPartial: true) }
        try handles.write("end of the long line")
        try handles.write("<3>last")
        let entries = try OutputReader(record).entries(from: 0, limit: 1 << 20)
        var delivery = try Delivery.answered(run)
        delivery.machine = DeliveryMachine(
            run, delivery.record,
            DeliveryLimits(
                form: MessageForm(messageBytes: 65_536), cap: cap(messages: 13, last: 3, lastBytes: 1 << 17)),
            at: noon)
        let sent = try deliver(entries, delivery)
        #expect(sent.lines == (0..<10).map { "\($0)" } + ["last"])
    }

    @Test("Short lines, of which many make one message, are not cut off before the last of them")
    func shortLines() throws {
        let entries = try Delivery.entries(Array(repeating: "123456", count: 10_000))
        let sent = try deliver(entries, .answered(request(), cap: cap(messages: 5, last: 3, lastBytes: 1 << 18)))
        #expect(sent.texts.count == 5)
        #expect(sent.texts[2].utf8.count > 16_000)
        #expect(sent.run.record.acknowledged == entries.last?.end)
    }

    @Test("What was set aside counts too, so that refusals have an end")
    func refusals() throws {
        let cap = cap(messages: 10, last: 2, lastBytes: 1 << 16)
        var run = try Delivery.answered(request(), cap: cap)
        let entries = try alternating(100)
        run.view.ended = Delivery.ended(behind: entries)
        var messages = 0
        while run.record.end == .unsent {
            run.read(entries)
            switch run.next() {
            case .deliver(.message, _):
                messages += 1
                run.answer(try DeliveryAnswer.status(400))
            case .deliver: run.answer(.accepted(id: nil))
            case .wait(let until): run.now = try #require(until)
            default: throw Missed()
            }
        }
        #expect(run.record.setAside.count == 10)
        #expect(messages == 20)
    }

    @Test("A run that an earlier release brought to its cap sends no more, and a message under way is finished")
    func earlierRelease() throws {
        let entries = try alternating(100)
        var record = try Delivery.record()
        record.messages = 1999
        record.acknowledged = entries[9].end
        record.sending = DeliveryRecord.Batch(from: entries[9].end, to: entries[10].end)
        let sent = try deliver(entries, Delivery(try request(), record))
        #expect(sent.lines == ["10"])
        #expect(sent.run.record.messages == 2000)
        #expect(sent.run.record.omitted == DeliveryRecord.Batch(from: entries[10].end, to: entries[99].end))
    }
}

extension Delivery {
    /// Reads what the machine wants out of all entries of the output, as the runner does.
    mutating func read(_ entries: [OutputReader.Entry]) {
        let rest = entries.filter { $0.end > record.acknowledged }
        (view.from, view.entries) = (nil, [])
        switch machine.wants(view.ended) {
        case .nothing: break
        case .next(let limit): view.entries = rest.filter { $0.end <= record.acknowledged + Int64(limit) }
        case .last(let limit):
            let from = max((entries.last?.end ?? 0) - Int64(limit), record.acknowledged)
            // From the first entry that begins there.
            let before = entries.last { $0.end <= from }?.end ?? 0
            let begin = before == from ? from : entries.first { $0.end > from }?.end ?? from
            (view.from, view.entries) = (begin, rest.filter { $0.end > begin })
        }
    }
}
