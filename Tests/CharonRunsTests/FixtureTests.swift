import CharonCore
import CharonRuns
import Foundation
import Testing

/// A run as the first release left it: it must stay readable, byte by byte as it is.
@Suite struct FixtureTests {
    private let directory: RunDirectory

    init() throws { directory = try Self.directory("version-1") }

    private static func directory(_ name: String) throws -> RunDirectory {
        let state = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/\(name)"
        return try #require(RunDirectory.all(state: state).first)
    }

    @Test func itsNameIsTheRun() {
        #expect(directory.slug.text == "nightly-import")
        #expect(directory.run.text == "20260131T040506789-0123456789ab")
    }

    @Test func theRequestIsRead() throws {
        let request = try #require(try directory.request())
        #expect(request.run == directory.run)
        #expect(request.slug == directory.slug)
        #expect(request.application == "shop")
        #expect(request.cronID?.text == "42/a b")
        #expect(request.argv == ["import", "--full", "ä \"q\""])
        #expect(request.directory == "/srv/shop")
        #expect(request.host == "web1.example.org")
        #expect(request.uid == 33)
        #expect(request.askedAt.rfc3339 == "2026-01-31T04:05:06.789000001Z")
        #expect(request.policies.whenUnreachable == .run)
        #expect(request.policies.whenUnregistered == .skip)
        #expect(request.policies.whenUncertain == .never)
        #expect(request.policies.overlap == .wait)
        #expect(request.policies.successCodes.description == "0,3,10-12")
        #expect(request.timeout == TimeSpan("1h30m"))
    }

    @Test func theDeliveryIsRead() throws {
        let delivery = try #require(try directory.delivery())
        #expect(delivery.gate == .yes)
        #expect(delivery.start == ExecutionID("7f3a-…").map { .answered($0) })
        #expect(delivery.isLate)
        #expect(delivery.hadUncertainStart)
        #expect(delivery.cronID?.text == "42")
        #expect(delivery.acknowledged == 187)
        #expect(delivery.sending == .init(from: 187, to: 239))
        #expect(delivery.messages == 2)
        #expect(delivery.lines == 4)
        #expect(delivery.textBytes == 37)
        #expect(delivery.isNoticeSent)
        #expect(delivery.end == .unsent)
        #expect(delivery.note == "Charon is slow")
        #expect(!delivery.isDone)
        // What came into the record since has its default.
        #expect(delivery.setAside == DeliveryRecord.SetAside())
        #expect(delivery.dropped == DeliveryRecord.Dropped())
        #expect(delivery.omitted == nil)
        #expect(!delivery.isEndMinimal)
    }

    @Test func whatWasSetAsideIsRead() throws {
        let directory = try Self.directory("version-1-set-aside")
        let delivery = try #require(try directory.delivery())
        let setAside = delivery.setAside
        #expect((setAside.count, setAside.lines, setAside.bytes) == (2, 1, 89))
        let first = try #require(setAside.messages.first)
        #expect(first.bytes == .init(from: 51, to: 99))
        #expect((first.level, first.lines, first.status) == (.warning, 0, 422))
        #expect(first.reason == #"POST /7f3a/message answered 422 with "no""#)
        #expect(first.at.rfc3339 == "2026-01-31T04:05:09.000000000Z")
        #expect(setAside.messages.count == 2)
        #expect(setAside.messages.last?.status == nil)
        #expect(setAside.placeholder == setAside.messages.last)
        #expect(delivery.omitted == .init(from: 140, to: 187))
        #expect(delivery.isEndMinimal)
        #expect(delivery.json == (try RecordFile.readJSON(directory.path + "/delivery.json")))
    }

    @Test func whatTheDiskBudgetTookIsRead() throws {
        let directory = try Self.directory("version-1-dropped")
        let delivery = try #require(try directory.delivery())
        let dropped = delivery.dropped
        #expect((dropped.count, dropped.lines, dropped.bytes) == (3, 1204, 98_315))
        #expect(dropped.gaps.map(\.lines) == [2, 1])
        #expect(dropped.gaps.first?.bytes == delivery.sending)
        #expect(delivery.waiting(before: 300) == [.init(from: 140, to: 187), .init(from: 239, to: 300)])
        #expect(delivery.json == (try RecordFile.readJSON(directory.path + "/delivery.json")))
    }

    @Test func theSupervisorIsRead() throws {
        let records = try directory.supervisorRecords()
        #expect(records.count == 2)
        guard case .started(let started) = records.first, case .ended(let ended) = records.last else {
            Issue.record("\(records)")
            return
        }
        #expect(started.boot == "5b4bb3d5-5c2d-4b53-8f0c-2a1f2a3a4b5c")
        #expect(started.at.rfc3339 == "2026-01-31T04:05:06.800000000Z")
        #expect(started.supervisor == ProcessIdentity(pid: 4711, startTime: 123_456))
        #expect(started.child == ProcessIdentity(pid: 4712, startTime: 123_457))
        #expect(started.group == 4712)
        #expect(ended.outcome == .exited(code: 3))
        #expect(ended.exitCode == 3)
        #expect(ended.duration == .seconds(60))
        #expect(ended.outputBytes == 239)
        #expect(ended.stdoutLines == 3)
        #expect(ended.stderrLines == 1)
        #expect(ended.lostBytes == 5)
        #expect(ended.userTime.milliseconds == 1200)
        #expect(ended.systemTime.milliseconds == 300)
        #expect(ended.maxResident == 20_480)
        #expect(ended.holders == ["4720 (sleep)"])
        #expect(try directory.exit() == ended)
    }

    @Test func theOutputIsRead() throws {
        let entries = try OutputReader(directory).entries(from: 0)
        #expect(entries.map(\.end) == [51, 99, 140, 187, 239])
        #expect(entries.map(\.line.stream) == [.stdout, .stderr, .stdout, .stderr, .stdout])
        #expect(entries.map(\.line.isPartial) == [false, true, false, false, false])
        #expect(entries[0].line.at.rfc3339 == "2026-01-31T04:05:07.000000000Z")
        #expect(entries[0].line.text == Array("first line".utf8))
        #expect(entries[2].line.text.isEmpty)
        #expect(entries[3].line.text == Array("line ".utf8) + [0xFF])
        #expect(
            try OutputReader(directory).tail(.stderr, before: 239, count: 5) == [Array("half a line ".utf8) + [0xFF]])
    }

    /// No member is lost between reading and writing; new ones may come.
    @Test func everyMemberIsWrittenAgain() throws {
        func expectAll(of name: String, in written: JSON?) throws {
            let members = try #require(try RecordFile.readJSON("\(directory.path)/\(name)")?.members)
            for member in members { #expect(written?[member.name] == member.value, "\(name): \(member.name)") }
        }
        try expectAll(of: "run.json", in: try directory.request()?.json)
        try expectAll(of: "delivery.json", in: try directory.delivery()?.json)
        try expectAll(of: "exit.json", in: try directory.exit()?.json)
        let supervisor = try #require(try RecordFile.read(directory.supervisorPath))
        #expect(try directory.supervisorRecords().flatMap(\.line) == supervisor)
    }
}
