import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

/// A machine with the clock and the record of its run, and short words for what a test does with them.
struct Delivery {
    var machine: DeliveryMachine
    var view = DeliveryMachine.View()
    var now = noon
    let request: RunRequest

    init(_ request: RunRequest, _ record: DeliveryRecord = DeliveryRecord()) {
        self.request = request
        machine = DeliveryMachine(request, record, messageBytes: 4096, at: noon)
    }

    var record: DeliveryRecord { machine.record }

    mutating func next() -> DeliveryMachine.Action { machine.next(view, at: now, wall: noon) }

    mutating func answer(_ answer: CanStartAnswer) { machine.handle(answer, at: now, random: 1) }

    mutating func answer(_ answer: StartAnswer) { machine.handle(answer, at: now, random: 1) }

    mutating func answer(_ answer: DeliveryAnswer, to call: CharonCall) {
        machine.handle(answer, to: call, at: now, random: 1)
    }

    /// The next delivery, which must be one.
    mutating func call(_ sourceLocation: SourceLocation = #_sourceLocation) throws -> (call: CharonCall, key: String) {
        guard case .deliver(let call, let key) = next() else {
            Issue.record("no delivery", sourceLocation: sourceLocation)
            throw Missed()
        }
        return (call, key)
    }

    /// How long the machine wants to wait, nil if it does not.
    mutating func pause() -> Double? {
        guard case .wait(let until?) = next() else { return nil }
        return until.seconds(since: now)
    }

    /// An ordinary run whose gate has an execution.
    static func answered(_ request: RunRequest) throws -> Delivery {
        var record = DeliveryRecord()
        record.gate = .yes
        record.start = .answered(try execution())
        return Delivery(request, record)
    }

    static func execution() throws -> ExecutionID { try #require(ExecutionID("e1")) }

    static func ended(_ code: Int32 = 0) -> SupervisorRecord.Ended {
        SupervisorRecord.Ended(at: noon, outcome: .exited(code: code), exitCode: code)
    }

    /// Entries of equal length behind each other, as a reader would give them.
    static func entries(_ texts: [String], _ stream: LogLine.Stream = .stdout) throws -> [OutputReader.Entry] {
        let directory = try TemporaryDirectory()
        let run = try CharonSupervisorTests.request()
        let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try record.create(run)
        for text in texts { try handles.write(text, stream) }
        return try OutputReader(record).entries(from: 0)
    }
}

@Suite("Delivery: the order of a run's requests")
struct DeliveryOrderTests {
    @Test("A run whose gate has an execution: its lines, then its end, then nothing")
    func ordinary() throws {
        var run = try Delivery.answered(request())
        #expect(run.next() == .wait(until: nil))
        run.view.entries = try Delivery.entries(["a", "b"])
        let message = try run.call()
        #expect(message.call == .message(try Delivery.execution(), .info, "a\nb"))
        #expect(message.key == "\(run.request.run)/0-\(run.record.sending?.to ?? 0)")
        run.answer(.accepted(id: nil), to: message.call)
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
        run.answer(.accepted(id: nil), to: end.call)
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
        #expect(!run.machine.wantsOutput)
        let notice = try run.call()
        guard case .message(_, .warning, let text) = notice.call else {
            Issue.record("\(notice.call)")
            return
        }
        #expect(text.contains(run.request.askedAt.rfc3339) && text.contains("late"))
        #expect(!text.contains("second execution"))
        #expect(notice.key == "\(run.request.run)/notice")
        run.answer(.accepted(id: nil), to: notice.call)
        #expect(run.machine.wantsOutput)
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
}

@Suite("Delivery: failures")
struct DeliveryFailureTests {
    @Test("What Charon can never take is set aside and the rest goes on", arguments: [400, 413, 422])
    func refused(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["bad"])
        let message = try run.call()
        run.answer(.refused(status: status, reason: "POST answered \(status)"), to: message.call)
        #expect(run.record.acknowledged == run.view.entries.last?.end)
        #expect(run.record.lines == 0)
        #expect(run.record.note == "set aside: POST answered \(status)")
        run.view.entries = []
        run.view.ended = Delivery.ended()
        let end = try run.call()
        run.answer(.accepted(id: nil), to: end.call)
        #expect(run.record.end == .answered)
        #expect(run.record.note == "set aside: POST answered \(status)")
    }

    @Test("An end that is refused is given up, once")
    func endRefused() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        run.answer(.refused(status: 400, reason: "no"), to: try run.call().call)
        #expect(run.record.end == .givenUp)
        #expect(run.next() == .finished)
    }

    @Test("401 and 403 hold the backlog for as long as it takes", arguments: [401, 403])
    func unauthorized(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        for _ in 0..<1000 {
            run.answer(.unauthorized(status: status), to: try run.call().call)
            let wanted = run.pause()
            let pause = try #require(wanted)
            #expect(pause <= Timing.backoff.most.seconds)
            run.now = run.now + pause
        }
        #expect(run.record.end == .unsent)
        #expect(run.record.note?.contains("key") == true)
        run.answer(.accepted(id: nil), to: try run.call().call)
        #expect(run.record.end == .answered)
        // The note of a delay that is over is gone.
        #expect(run.record.note == nil)
    }

    @Test("404 is believed when it has repeated for ten minutes, and not before")
    func notFound() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        run.answer(.notFound, to: try run.call().call)
        run.now = noon + 599
        run.answer(.notFound, to: try run.call().call)
        #expect(run.record.end == .unsent)
        run.now = noon + 660
        run.answer(.notFound, to: try run.call().call)
        #expect(run.record.end == .givenUp)
        #expect(run.record.note == "Charon does not know the execution")
        #expect(run.next() == .finished)
    }

    @Test("A success between two 404 starts the ten minutes again")
    func notFoundOnce() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        run.answer(.notFound, to: try run.call().call)
        run.now = noon + 300
        run.answer(.accepted(id: nil), to: try run.call().call)
        run.view.entries = []
        run.view.ended = Delivery.ended()
        run.now = noon + 700
        run.answer(.notFound, to: try run.call().call)
        #expect(run.record.end == .unsent)
    }

    @Test("A cron that is not registered: the same ten minutes, in can-start and in start", arguments: [false, true])
    func notRegistered(byStart: Bool) throws {
        var run = Delivery(try request())
        var rounds = 0
        while !run.record.isDone, rounds < 1000 {
            rounds += 1
            switch run.next() {
            case .askCanStart: run.answer(byStart ? CanStartAnswer.yes(cronID: nil) : .notRegistered)
            case .start: run.answer(StartAnswer.notRegistered)
            case .wait(let until?): run.now = until
            default: break
            }
        }
        guard case .refused("not registered on Charon") = run.record.start else {
            Issue.record("\(run.record.start)")
            return
        }
        #expect(run.now.seconds(since: noon) >= 600)
        #expect(run.now.seconds(since: noon) < 800)
    }

    @Test(
        "A start that fails after each yes is made ever more slowly",
        arguments: [
            StartAnswer.uncertain(.silence), .rejected(.silence), .notSent(.silence), .unauthorized(status: 401),
        ])
    func startBackoff(answer: StartAnswer) throws {
        var run = Delivery(try request())
        var starts = 0
        while run.now.seconds(since: noon) < 3600 {
            switch run.next() {
            case .askCanStart: run.answer(.yes(cronID: nil))
            case .start:
                starts += 1
                run.answer(answer)
            case .wait(let until?): run.now = until
            default: run.now = run.now + 1
            }
        }
        #expect(starts > 50)
        #expect(starts < 80)
    }

    @Test("Retry-After is honoured, and capped")
    func retryAfter() throws {
        for (asked, least, most) in [(30, 30.0, 30.0), (86_400, 300.0, 300.0), (0, 0.5, 0.5)] {
            let later = NoAnswer(
                reason: "too many requests", detail: "429", retryAfter: .seconds(Int64(asked)), isServerFault: false)
            var run = try Delivery.answered(request())
            run.view.ended = Delivery.ended()
            run.answer(.later(later), to: try run.call().call)
            #expect((least...most).contains(run.pause() ?? -1))
            var late = Delivery(try request())
            late.answer(.noAnswer(later))
            #expect((least...most).contains(late.pause() ?? -1))
        }
    }

    @Test("The pauses of one request that fails grow to their limit and begin anew after a success")
    func backoff() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        var pauses: [Double] = []
        for _ in 0..<9 {
            run.answer(.later(.silence), to: try run.call().call)
            let wanted = run.pause()
            let pause = try #require(wanted)
            pauses.append(pause)
            run.now = run.now + pause
        }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60])
        run.answer(.accepted(id: nil), to: try run.call().call)
        run.view.entries = []
        run.view.ended = Delivery.ended()
        run.answer(.later(.silence), to: try run.call().call)
        #expect(run.pause() == 0.5)
    }

    @Test("The least jitter is still a pause")
    func leastPause() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        let call = try run.call().call
        run.machine.handle(.later(.silence), to: call, at: noon, random: 0)
        #expect(run.pause() == Timing.shortestBackoff.seconds)
    }
}

@Suite("Delivery: budgets and caps")
struct DeliveryBudgetTests {
    @Test("After its burst a run sends five messages a second, and what waits is joined")
    func budget() throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries((0..<200).map { "\($0)" })
        // One line at a time, as from a command that writes slowly.
        for entry in entries.prefix(50) {
            run.view.entries = [entry]
            run.answer(.accepted(id: nil), to: try run.call().call)
        }
        run.view.entries = Array(entries[50..<60])
        #expect(run.pause() == 0.2)
        #expect(run.record.sending == nil)
        run.now = run.now + 0.2
        run.view.entries = Array(entries[50..<200])
        let message = try run.call()
        run.answer(.accepted(id: nil), to: message.call)
        #expect(run.record.lines == 200)
        #expect(run.record.messages == 51)
        run.view.entries = Array(entries.suffix(1))
        #expect(run.pause() == 0.2)
    }

    @Test("A message that is sent again does not pay again")
    func paid() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        for _ in 0..<60 {
            run.answer(.later(.silence), to: try run.call().call)
            run.now = run.now + 61
        }
        run.now = noon + 3661
        #expect(try run.call().key.hasSuffix("/0-\(run.record.sending?.to ?? 0)"))
    }

    @Test("Beyond the cap nothing is sent but the end, which says how much is missing", arguments: [true, false])
    func cap(byMessages: Bool) throws {
        var record = DeliveryRecord()
        record.start = .answered(try Delivery.execution())
        record.messages = byMessages ? Timing.runCap.messages - 1 : 1
        record.textBytes = byMessages ? 0 : Timing.runCap.bytes - 1
        record.lines = 5000
        var run = Delivery(try request(), record)
        #expect(run.machine.wantsOutput)
        run.view.entries = try Delivery.entries(["last"])
        run.answer(.accepted(id: nil), to: try run.call().call)
        #expect(!run.machine.wantsOutput)
        #expect(run.next() == .wait(until: nil))
        var ended = Delivery.ended()
        ended.stdoutLines = 6001
        run.view.ended = ended
        guard case .end(_, _, success: true, message: let message?) = try run.call().call else {
            Issue.record("no end")
            return
        }
        #expect(message.contains("1000 of these lines were not sent"))
    }
}
