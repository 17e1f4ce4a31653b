import CharonCore
import CharonRuns
import Testing

@Suite("delivery.json: what is planned, and when it must be written again")
struct DeliveryProgressTests {
    /// Two bytes are acknowledged, a message is being sent, two are planned.
    private func record() throws -> DeliveryRecord {
        var record = DeliveryRecord()
        record.start = .answered(try #require(ExecutionID("e1")))
        record.acknowledged = 2
        record.sending = DeliveryRecord.Batch(from: 2, to: 10)
        record.planned = [20, 30]
        return record
    }

    @Test("What is planned is read as it was written; a record without it has nothing planned")
    func json() throws {
        let record = try record()
        #expect(DeliveryRecord(json: record.json) == record)
        #expect(record.ends == [10, 20, 30])
        var plain = record
        plain.planned = []
        #expect(plain.json["planned"] == nil)
        #expect(DeliveryRecord(json: plain.json) == plain)
    }

    @Test(
        "Offsets that are not in their order are no plan",
        arguments: [[20, 20], [30, 20], [10, 20], [1]] as [[Int64]])
    func order(planned: [Int64]) throws {
        var record = try record()
        record.planned = planned
        #expect(DeliveryRecord(json: record.json)?.planned == [])
    }

    @Test("Progress through planned messages is covered by the record before it")
    func covered() throws {
        let older = try record()
        #expect(older.isCovered(by: older))
        var record = older
        (record.acknowledged, record.messages, record.lines, record.textBytes) = (10, 1, 1, 8)
        (record.sending, record.planned) = (DeliveryRecord.Batch(from: 10, to: 20), [30])
        #expect(record.isCovered(by: older))
        (record.acknowledged, record.sending, record.planned) = (30, nil, [])
        #expect(record.isCovered(by: older))
    }

    @Test("A message with other bounds is not, nor is anything but progress")
    func notCovered() throws {
        let older = try record()
        var next = older
        (next.acknowledged, next.sending, next.planned) = (30, DeliveryRecord.Batch(from: 30, to: 40), [])
        #expect(!next.isCovered(by: older))
        let changes: [(inout DeliveryRecord) -> Void] = [
            { $0.end = .answered }, { $0.note = "later" }, { $0.isNoticeSent = true }, { $0.start = .unsent },
            { $0.omitted = DeliveryRecord.Batch(from: 10, to: 20) }, { $0.isEndMinimal = true },
        ]
        for change in changes {
            var record = older
            change(&record)
            #expect(!record.isCovered(by: older))
        }
    }
}
