import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: the order of a run's requests")
struct DeliveryOrderTests {
    @Test("In order within a run: its lines, then its end, then nothing")
    func ordinary() throws {
        var run = try Delivery.answered(request())
        #expect(run.next() == .wait(until: nil))
        run.view.entries = try Delivery.entries(["a", "b"])
        let message = try run.call()
        #expect(message.call == .message(try Delivery.execution(), .info, "a\nb"))
        #expect(message.key == "\(run.request.run)/0-\(run.record.sending?.to ?? 0)")
        run.answer(.accepted(id: nil))
        #expect(run.record.acknowledged == run.view.entries.last?.end)
        #expect(run.record.sending == nil)
        #expect((run.record.messages, run.record.lines, run.record.textBytes) == (1, 2, 3))
        run.view.entries = []
        #expect(run.next() == .wait(until: nil))
        run.view.ended = Delivery.ended()
        let end = try run.call()
        guard case .end(_, .success, success: true, message: _) = end.call else {
            Issue.record("\(end.call)")
            return
        }
        #expect(end.key == "\(run.request.run)/end")
        run.answer(.accepted(id: nil))
        #expect(run.record.end == .answered)
        #expect(run.next() == .finished)
        #expect(run.next() == .finished)
    }

    @Test("Lines go before the end even if the command has ended")
    func linesFirst() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["last words"])
        run.view.ended = Delivery.ended(1)
        guard case .message = try run.call().call else {
            Issue.record("the end came first")
            return
        }
    }

    @Test("Messages are planned ahead as far as nothing can be joined to them, and need no other write then")
    func planned() throws {
        var run = try Delivery.answered(try request())
        let entries = try Delivery.entries((0..<6).map { $0 % 2 == 0 ? "<3>\($0)" : "\($0)" })
        run.read(entries)
        _ = try run.call()
        let written = run.record
        #expect(written.ends == entries.dropLast().map(\.end))
        // The output is not needed until the last message, to which more may be joined.
        run.view.entries = []
        for number in 0..<5 {
            if number > 0 { try run.reply(.accepted(id: nil)) } else { run.answer(.accepted(id: nil)) }
            #expect(run.record.isCovered(by: written))
        }
        #expect(run.record.acknowledged == entries[4].end)
        #expect(!run.machine.isPrepared)
        run.read(entries)
        guard case .message(_, .info, "5") = try run.call().call else {
            Issue.record("no last message")
            return
        }
        #expect(!run.record.isCovered(by: written))
    }

    @Test("No more is planned than the budget lets go, and what was put down is made again with its bounds")
    func putDown() throws {
        let limits = DeliveryLimits(budget: TokenBucket.Rate(burst: 2, perSecond: 1))
        var run = try Delivery(request(), Delivery.record(), limits)
        let entries = try Delivery.entries((0..<6).map { $0 % 2 == 0 ? "<3>\($0)" : "\($0)" })
        run.read(entries)
        let first = try run.call()
        #expect(run.record.ends == entries.prefix(2).map(\.end))
        run.machine.putDown()
        run.read(entries)
        #expect(try run.reply(.accepted(id: nil)) == first)
        #expect(try run.reply(.accepted(id: nil)).key.hasSuffix("/\(entries[0].end)-\(entries[1].end)"))
        run.read(entries)
        #expect(run.pause() == 1)
    }

    @Test("A late start asks can-start again, takes its cron's id, and says that it is late before the first line")
    func late() throws {
        var run = Delivery(try request())
        run.view.entries = try Delivery.entries(["a"])
        run.view.ended = Delivery.ended()
        #expect(run.next() == .askCanStart)
        let cron = try #require(CronID("5"))
        run.answer(.yes(cronID: cron))
        #expect(run.next() == .start(.cron(cron), key: "\(run.request.run)/start"))
        #expect(run.record.start == .sent(at: noon))
        #expect(run.record.isLate)
        run.answer(.started(try Delivery.execution()))
        #expect(run.machine.wants(nil) == .nothing)
        let notice = try run.call()
        guard case .message(_, .warning, let text) = notice.call else {
            Issue.record("\(notice.call)")
            return
        }
        #expect(text.contains(run.request.askedAt.rfc3339) && text.contains("late"))
        #expect(!text.contains("second execution"))
        #expect(notice.key == "\(run.request.run)/notice")
        run.answer(.accepted(id: nil))
        #expect(run.machine.wants(nil) == .next(limit: Timing.readBytes, text: Timing.readText))
        guard case .message(_, .info, "a") = try run.call().call else {
            Issue.record("no line after the notice")
            return
        }
    }

    @Test("A late start that is refused ends the delivery, in either call", arguments: [false, true])
    func refusedLater(byStart: Bool) throws {
        var run = Delivery(try request())
        #expect(run.next() == .askCanStart)
        if byStart {
            run.answer(.yes(cronID: nil))
            guard case .start = run.next() else {
                Issue.record("no start")
                return
            }
            run.answer(.inactive)
        } else {
            run.answer(.no(cronID: nil))
        }
        guard case .refused(let reason) = run.record.start else {
            Issue.record("\(run.record.start)")
            return
        }
        #expect(reason.contains("ran, refused later"))
        #expect(run.record.note == reason)
        #expect(run.next() == .finished)
    }

    @Test("A start without an answer is made again under its key, and the first message says so")
    func uncertain() throws {
        var record = DeliveryRecord()
        record.start = .uncertain(at: noon)
        var run = Delivery(try request(), record)
        #expect(run.next() == .askCanStart)
        run.answer(.yes(cronID: nil))
        #expect(run.next() == .start(.slug(run.request.slug), key: "\(run.request.run)/start"))
        #expect(run.record.hadUncertainStart)
        run.answer(.started(try Delivery.execution()))
        guard case .message(_, .warning, let text) = try run.call().call else {
            Issue.record("no notice")
            return
        }
        #expect(text.contains("there may be a second execution"))
    }

    @Test("After one uncertain start, a later failure leaves it uncertain")
    func staysUncertain() throws {
        for answer in [StartAnswer.notSent(.silence), .rejected(.silence), .unauthorized(status: 401), .notRegistered] {
            var record = DeliveryRecord()
            record.start = .uncertain(at: noon)
            var run = Delivery(try request(), record)
            run.answer(.yes(cronID: nil))
            _ = run.next()
            run.answer(answer)
            guard case .uncertain = run.record.start else {
                Issue.record("\(answer): \(run.record.start)")
                continue
            }
        }
    }

    @Test("Policy never: an uncertain start is not repeated, wherever it is found")
    func never() throws {
        let request = try request { $0.whenUncertain = .never }
        for start in [DeliveryRecord.Start.uncertain(at: noon), .sent(at: noon)] {
            var record = DeliveryRecord()
            record.start = start
            var run = Delivery(request, record)
            #expect(run.next() == .finished)
            #expect(run.record.note?.contains("policy never") == true)
        }
        var late = Delivery(request)
        late.answer(.yes(cronID: nil))
        _ = late.next()
        late.answer(.uncertain(.silence))
        #expect(late.next() == .finished)
    }

    @Test("An intent found after a restart may have reached Charon")
    func intent() throws {
        var record = DeliveryRecord()
        record.start = .sent(at: noon)
        #expect(Delivery(try request(), record).record.start == .uncertain(at: noon))
    }

    @Test("Every start, message and end carries Idempotency-Key: <run id>/<number>, the same for every attempt")
    func keys() throws {
        var run = Delivery(try request())
        run.view.entries = try Delivery.entries(["a"])
        run.view.ended = Delivery.ended()
        let end = try #require(run.view.entries.last?.end)
        var keys: [String] = []
        while run.record.end == .unsent {
            switch run.next() {
            case .askCanStart: run.answer(.yes(cronID: nil))
            case .start(_, let key):
                keys.append(key)
                run.answer(keys.count == 1 ? StartAnswer.rejected(.silence) : .started(try Delivery.execution()))
            case .deliver(let call, let key):
                let isFirst = keys.last != key
                keys.append(key)
                run.answer(isFirst ? .later(.silence) : .accepted(id: nil))
                if case .message = call, run.record.acknowledged > 0 { run.view.entries = [] }
            case .wait(let until): run.now = until ?? run.now
            case .passed, .finished: break
            }
        }
        let names = ["start", "notice", "0-\(end)", "end"]
        #expect(keys == names.flatMap { ["\(run.request.run)/\($0)", "\(run.request.run)/\($0)"] })
        #expect(keys.allSatisfy { $0.utf8.count <= 255 })
    }
}
