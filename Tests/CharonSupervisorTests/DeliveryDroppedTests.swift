import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: one message stands in the place of what the disk budget took")
struct DeliveryDroppedTests {
    private func record(_ entries: [OutputReader.Entry], dropped: ClosedRange<Int>...) throws -> DeliveryRecord {
        var record = try Delivery.record()
        for lines in dropped {
            let bytes = DeliveryRecord.Batch(
                from: lines.lowerBound == 0 ? 0 : entries[lines.lowerBound - 1].end, to: entries[lines.upperBound].end)
            record.dropped.add(.init(bytes: bytes, lines: Int64(lines.count)))
        }
        return record
    }

    /// What is read of the output, as the runner does it.
    private func read(_ entries: [OutputReader.Entry], _ run: inout Delivery) {
        let parts = run.record.waiting(before: entries.last?.end ?? 0)
        (run.view.from, run.view.entries) = (nil, [])
        switch run.machine.wants(run.view.ended) {
        case .nothing: break
        case .next:
            let end = parts.first?.to ?? 0
            run.view.entries = entries.filter { $0.end > run.record.acknowledged && $0.end <= end }
        case .last:
            let from = parts.last?.from ?? 0
            (run.view.from, run.view.entries) = (from, entries.filter { $0.end > from })
        }
    }

    /// Everything that Charon gets of a run that has ended.
    private func deliver(_ entries: [OutputReader.Entry], _ run: inout Delivery) throws -> [(text: String, key: String)]
    {
        run.view.ended = Delivery.ended(behind: entries)
        var said: [(text: String, key: String)] = []
        while run.record.end == .unsent {
            read(entries, &run)
            switch run.next() {
            case .deliver(.message(_, let level, let text), let key):
                said.append(("\(level.rawValue): \(text)", key))
                run.answer(.accepted(id: nil))
            case .deliver(.end(_, _, success: _, message: let text), let key):
                said.append((text ?? "", key))
                run.answer(.accepted(id: nil))
            case .wait(let until): run.now = try #require(until)
            default: throw Missed()
            }
        }
        return said
    }

    @Test("Between the lines before and after it, at warning level, with its numbers, and counted in the end")
    func inItsPlace() throws {
        let entries = try Delivery.entries((0..<10).map { "\($0)" })
        var run = Delivery(try request(), try record(entries, dropped: 2...6))
        let said = try deliver(entries, &run)
        let length = entries[6].end - entries[1].end
        #expect(
            said.map(\.text) == [
                "info: 0\n1",
                "warning: 5 lines (\(length) bytes) were dropped here: the disk budget of charond was reached before "
                    + "Charon took them",
                "info: 7\n8\n9",
                "exited with code 0 after 0 s; 10 lines on stdout, 0 on stderr; 5 lines (\(length) bytes) dropped by the "
                    + "disk budget",
            ])
        #expect(said[1].key == "\(run.request.run)/\(entries[1].end)-\(entries[6].end)/dropped")
        #expect(run.record.lines == 5 && run.record.dropped.lines == 5 && run.record.dropped.gaps.isEmpty)
    }

    @Test("At the beginning, at the end, twice, and all of it")
    func places() throws {
        let entries = try Delivery.entries((0..<10).map { "\($0)" })
        let table: [([ClosedRange<Int>], String)] = [
            ([0...3], "-456789"), ([7...9], "0123456-"), ([2...3, 6...7], "01-45-89"), ([0...9], "-"),
            ([0...3, 4...9], "--"),
        ]
        for (ranges, expected) in table {
            var record = try Delivery.record()
            for lines in ranges { record.dropped.add(try self.record(entries, dropped: lines).dropped.gaps[0]) }
            var run = Delivery(try request(), record)
            let said = try deliver(entries, &run).dropLast().map { said in
                said.text.hasPrefix("warning: ") ? "-" : said.text.dropFirst(6).filter(\.isNumber)
            }
            #expect(said.joined() == expected, "\(ranges)")
        }
    }

    @Test("A message that was being sent when the middle went is sent as it was, and then the gap")
    func sending() throws {
        let entries = try Delivery.entries((0..<10).map { "\($0)" })
        var record = try record(entries, dropped: 3...7)
        record.sending = .init(from: 0, to: entries[0].end)
        var run = Delivery(try request(), record)
        let said = try deliver(entries, &run)
        #expect(said.map { $0.text.prefix(9) } == ["info: 0", "info: 1\n2", "warning: ", "info: 8\n9", "exited wi"])
    }

    @Test("A gap that was being told of when the daemon died is told of again, under the same key")
    func again() throws {
        let entries = try Delivery.entries((0..<10).map { "\($0)" })
        var run = Delivery(try request(), try record(entries, dropped: 0...4))
        read(entries, &run)
        let first = try run.call()
        #expect(run.record.sending == run.record.dropped.gaps.first?.bytes)
        let file = try #require(DeliveryRecord(json: JSON.parse(run.record.json.bytes)))
        var next = Delivery(run.request, file)
        read(entries, &next)
        #expect(try next.call() == first)
        next.answer(.later(.silence))
        next.passPause()
        read(entries, &next)
        #expect(try next.call() == first)
        next.answer(try DeliveryAnswer.status(400))
        #expect(next.record.acknowledged == entries[4].end && next.record.dropped.gaps.isEmpty)
        #expect(next.record.note?.hasPrefix("set aside") == true)
    }

    @Test("Beyond its cap the gap comes before the last lines, and every line is accounted for")
    func cap() throws {
        let entries = try Delivery.entries((0..<100).map { $0 % 2 == 0 ? "<3>\($0)" : "\($0)" })
        var cap = RunCap()
        (cap.messages, cap.lastMessages, cap.lastBytes) = (20, 4, 1 << 16)
        var run = Delivery(try request(), try record(entries, dropped: 40...69), DeliveryLimits(cap: cap))
        let said = try deliver(entries, &run)
        let texts = said.dropLast().map { $0.text.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(texts.count == 21)
        #expect(texts[16] == "warning: 30")
        #expect(texts[17] == "error: 96" || texts[17] == "info: 97", "\(texts)")
        let end = try #require(said.last?.text)
        #expect(end.contains("; 30 lines ("))
        #expect(end.hasSuffix("; \(100 - 30 - run.record.lines) of these lines were not sent"), "\(end)")
    }

    @Test("Text that is no record before a gap does not hide what comes behind it")
    func garbage() throws {
        let entries = try Delivery.entries((0..<10).map { "\($0)" })
        var run = Delivery(try request(), try record(entries, dropped: 4...6))
        // The reader finds nothing in front of the gap.
        let said = try deliver(Array(entries[7...]), &run)
        #expect(said.map { $0.text.prefix(9) } == ["warning: ", "info: 7\n8", "exited wi"])
    }

    @Test("Parts of a line are called so")
    func parts() throws {
        var record = try Delivery.record()
        record.dropped.add(.init(bytes: .init(from: 0, to: 1), lines: 0))
        var run = Delivery(try request(), record)
        guard case .message(_, .warning, let text) = try run.call().call else { throw Missed() }
        #expect(text.hasPrefix("parts of a line (1 byte) were dropped here"))
    }
}
