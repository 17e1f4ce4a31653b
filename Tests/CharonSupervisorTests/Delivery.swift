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
