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

    init(
        _ request: RunRequest, _ record: DeliveryRecord = DeliveryRecord(), _ limits: DeliveryLimits = DeliveryLimits()
    ) {
        self.request = request
        machine = DeliveryMachine(request, record, limits, at: noon)
    }

    var record: DeliveryRecord { machine.record }

    mutating func next() -> DeliveryMachine.Action { machine.next(view, at: now, wall: noon) }

    mutating func answer(_ answer: CanStartAnswer) { machine.handle(answer, at: now, random: 1) }

    mutating func answer(_ answer: StartAnswer) { machine.handle(answer, at: now, random: 1) }

    mutating func answer(_ answer: DeliveryAnswer) { machine.handle(answer, at: now, random: 1) }

    /// Answers the next delivery, which must be one, and returns it.
    @discardableResult
    mutating func reply(_ answer: DeliveryAnswer, _ sourceLocation: SourceLocation = #_sourceLocation) throws
        -> (call: CharonCall, key: String)
    {
        let next = try call(sourceLocation)
        self.answer(answer)
        return next
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

    /// Goes on to the moment at which the machine wants to do something again.
    mutating func passPause() { if let pause = pause() { now = now + pause } }

    /// An ordinary run whose gate has an execution.
    static func answered(_ request: RunRequest, cap: RunCap = RunCap()) throws -> Delivery {
        Delivery(request, try record(), DeliveryLimits(cap: cap))
    }

    /// The record of an ordinary run whose gate has an execution.
    static func record() throws -> DeliveryRecord {
        var record = DeliveryRecord()
        record.gate = .yes
        record.start = .answered(try execution())
        return record
    }

    static func execution() throws -> ExecutionID { try #require(ExecutionID("e1")) }

    /// An outcome, with the size of the output that it came with.
    static func ended(_ code: Int32 = 0, behind entries: [OutputReader.Entry] = []) -> SupervisorRecord.Ended {
        var ended = SupervisorRecord.Ended(at: noon, outcome: .exited(code: code), exitCode: code)
        ended.outputBytes = entries.last?.end ?? 0
        ended.stdoutLines = Int64(entries.count { !$0.line.isPartial })
        return ended
    }

    /// Entries of equal length behind each other, as a reader would give them.
    static func entries(_ texts: [String], _ stream: LogLine.Stream = .stdout) throws -> [OutputReader.Entry] {
        let directory = try TemporaryDirectory()
        let run = try CharonSupervisorTests.request()
        let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
        let handles = try record.create(run)
        for text in texts { try handles.write(text, stream) }
        return try OutputReader(record).entries(from: 0, limit: 1 << 20)
    }
}

extension DeliveryAnswer {
    /// What a complete answer with this status and an empty or HTML body says of a delivery.
    static func status(_ status: Int, html: Bool = false) throws -> DeliveryAnswer {
        let response = CharonResponse(status: status, body: html ? Array("<html>".utf8) : [])
        let request = CharonCall.message(try Delivery.execution(), .info, "text").request()
        return DeliveryAnswer(.response(response), to: request, reader: AnswerReader())
    }
}
