import CharonCore
import CharonRuns
import Testing

@Suite struct RecordTests {
    static let at = Instant(nanoseconds: 1_769_832_306_789_000_001)
    static let started = SupervisorRecord.Started(
        boot: "boot", at: at, supervisor: ProcessIdentity(pid: 10, startTime: 1),
        child: ProcessIdentity(pid: 11, startTime: UInt64(Int64.max)), group: 11)

    static func request() throws -> RunRequest {
        RunRequest(
            run: RunID(at: at), slug: try #require(Slug("slug")), application: "default", argv: ["true"], uid: .max,
            askedAt: at)
    }

    @Test func aRequestComesBack() throws {
        var request = try Self.request()
        #expect(RunRequest(json: try JSON.parse(request.json.bytes)) == request)
        request.timeout = TimeSpan(milliseconds: 0)
        request.argv = ["a", "", "\u{0}\n\"ä😀"]
        #expect(RunRequest(json: try JSON.parse(request.json.bytes)) == request)
        request.timeout = TimeSpan(milliseconds: TimeSpan.longest)
        for unreachable in WhenUnreachable.allCases {
            for overlap in Overlap.allCases {
                request.policies.whenUnreachable = unreachable
                request.policies.overlap = overlap
                #expect(RunRequest(json: try JSON.parse(request.json.bytes)) == request)
            }
        }
    }

    @Test(
        arguments: [
            ("v", .integer(2)), ("v", "1"), ("v", nil), ("run", "../../etc"), ("run", nil), ("slug", ".."),
            ("slug", nil),
            ("application", nil), ("argv", "true"), ("uid", -1), ("uid", 4_294_967_296), ("uid", nil),
            ("asked_at", "now"),
            ("asked_at", "2026-02-30T00:00:00Z"), ("when_unreachable", "maybe"), ("when_unreachable", 1),
            ("overlap", ""),
            ("success_codes", "256"), ("timeout_ms", -1), ("timeout_ms", .integer(.max)), ("timeout_ms", "1s"),
        ] as [(String, JSON?)])
    func aRequestThatIsNoneIsRefused(_ field: String, _ value: JSON?) throws {
        let good = try Self.request().json
        #expect(RunRequest(json: good) != nil)
        #expect(RunRequest(json: good.with(field, value)) == nil)
    }

    @Test func missingPoliciesHaveTheirDefaults() throws {
        let json = try Self.request().json.with("when_unreachable", nil).with("overlap", nil).with("success_codes", nil)
        #expect(RunRequest(json: json)?.policies == Policies())
    }

    @Test func aDeliveryComesBackInEveryState() throws {
        let id = try #require(ExecutionID("1"))
        let starts: [DeliveryRecord.Start] = [
            .unsent, .sent(at: Self.at), .answered(id), .refused("switched off"), .uncertain(at: Self.at),
        ]
        for start in starts {
            for gate in DeliveryRecord.Gate.allCases {
                for end in DeliveryRecord.End.allCases {
                    var record = DeliveryRecord()
                    record.start = start
                    record.gate = gate
                    record.end = end
                    record.acknowledged = .max
                    #expect(DeliveryRecord(json: try JSON.parse(record.json.bytes)) == record)
                    let isRefused = if case .refused = start { true } else { false }
                    #expect(record.isDone == (isRefused || end != .unsent))
                }
            }
        }
    }

    @Test(
        arguments: [
            ("v", .integer(2)), ("v", nil), ("gate", "perhaps"), ("gate", nil), ("start", nil), ("start", "sent"),
            ("start", ["state": "sent"]), ("start", ["state": "answered"]),
            ("start", ["state": "answered", "execution": ""]),
            ("start", ["state": "uncertain", "at": 5]), ("end", "done"), ("end", nil), ("acknowledged", -1),
            ("acknowledged", nil),
        ] as [(String, JSON?)])
    func aDeliveryThatIsNoneIsRefused(_ field: String, _ value: JSON?) throws {
        #expect(DeliveryRecord(json: DeliveryRecord().json) != nil)
        #expect(DeliveryRecord(json: DeliveryRecord().json.with(field, value)) == nil)
    }

    private static func setAside(_ number: Int64) -> DeliveryRecord.SetAside.Message {
        DeliveryRecord.SetAside.Message(
            bytes: .init(from: number * 10, to: number * 10 + 10), level: .success, lines: number, status: 413,
            reason: "\(number)", at: at)
    }

    @Test func whatWasSetAsideComesBackBounded() throws {
        var record = DeliveryRecord()
        #expect(record.json["set_aside"] == nil)
        for number: Int64 in 0..<30 { record.setAside.add(Self.setAside(number)) }
        record.setAside.placeholder = Self.setAside(29)
        record.omitted = DeliveryRecord.Batch(from: 7, to: 7)
        record.isEndMinimal = true
        #expect(record.setAside.messages == (0..<20).map(Self.setAside))
        #expect((record.setAside.count, record.setAside.lines, record.setAside.bytes) == (30, 435, 300))
        #expect(DeliveryRecord(json: try JSON.parse(record.json.bytes)) == record)
        let long = DeliveryRecord.SetAside.Message(
            bytes: .init(from: 0, to: 1), level: .info, lines: 0, status: nil,
            reason: String(repeating: "ä", count: 1000), at: Self.at)
        #expect(long.reason.count == DeliveryRecord.SetAside.Message.longestReason)
    }

    private static func gap(_ from: Int64, _ to: Int64, _ lines: Int64) -> DeliveryRecord.Dropped.Gap {
        DeliveryRecord.Dropped.Gap(bytes: .init(from: from, to: to), lines: lines)
    }

    @Test func whatWasDroppedComesBackWithItsTotals() throws {
        var record = DeliveryRecord()
        #expect(record.json["dropped"] == nil)
        record.dropped.add(Self.gap(100, 200, 3))
        record.dropped.add(Self.gap(300, 400, 4))
        // A larger one takes the last one's place, and counts its lines.
        record.dropped.add(Self.gap(290, 450, 6))
        #expect(record.dropped.gaps == [Self.gap(100, 200, 3), Self.gap(290, 450, 6)])
        #expect((record.dropped.count, record.dropped.lines, record.dropped.bytes) == (2, 9, 260))
        #expect(DeliveryRecord(json: try JSON.parse(record.json.bytes)) == record)
        record.dropped.passFirst()
        #expect(record.dropped.gaps == [Self.gap(290, 450, 6)])
        #expect((record.dropped.count, record.dropped.lines, record.dropped.bytes) == (2, 9, 260))
        #expect(DeliveryRecord(json: try JSON.parse(record.json.bytes)) == record)
    }

    @Test func whatWaitsGoesAroundWhatWasDropped() {
        var record = DeliveryRecord()
        record.dropped.add(Self.gap(100, 200, 3))
        record.dropped.add(Self.gap(300, 400, 4))
        func waiting(_ acknowledged: Int64, _ end: Int64) -> [ClosedRange<Int64>] {
            record.acknowledged = acknowledged
            let parts = record.waiting(before: end)
            #expect(record.waitingBytes(before: end) == parts.reduce(0) { $0 + $1.to - $1.from })
            return parts.map { $0.from...$0.to }
        }
        #expect(waiting(0, 500) == [0...100, 200...300, 400...500])
        #expect(waiting(100, 500) == [200...300, 400...500])
        #expect(waiting(250, 350) == [250...300])
        #expect(waiting(150, 150) == [])
        #expect(waiting(0, 50) == [0...50])
        #expect(waiting(450, 400) == [])
        #expect(waiting(450, .max) == [450 ... .max])
    }

    @Test(arguments: [("from", -1), ("from", nil), ("to", 100), ("to", nil)] as [(String, JSON?)])
    func aGapThatIsNoneIsPassedOverAndStaysCounted(_ field: String, _ value: JSON?) throws {
        var record = DeliveryRecord()
        record.dropped.add(Self.gap(100, 200, 3))
        let json = try #require(record.json["dropped"])
        let gap = try #require(json["gaps"]?.array?.first)
        let read = DeliveryRecord(
            json: record.json.with("dropped", json.with("gaps", [gap.with(field, value)])))
        #expect(read?.dropped.gaps == [])
        #expect((read?.dropped.count, read?.dropped.lines) == (1, 3))
    }

    /// A message that cannot be read is passed over: nothing of the delivery depends on it.
    @Test(
        arguments: [
            ("from", -1), ("from", nil), ("to", 0), ("level", "debug"), ("level", nil), ("at", "now"), ("at", nil),
        ] as [(String, JSON?)])
    func aSetAsideThatIsNoneIsPassedOver(_ field: String, _ value: JSON?) throws {
        var record = DeliveryRecord()
        record.setAside.add(Self.setAside(1))
        let good = try #require(record.json["set_aside"]?["first"]?.array?.first)
        func read(_ message: JSON) -> [DeliveryRecord.SetAside.Message]? {
            DeliveryRecord(json: record.json.with("set_aside", ["count": 1, "first": [message]]))?.setAside.messages
        }
        #expect(read(good) == record.setAside.messages)
        #expect(read(good.with(field, value)) == [])
    }

    @Test(arguments: [["from": 5, "to": 5], ["from": 5, "to": 4], ["from": -1, "to": 4], ["from": 5]] as [JSON])
    func boundsThatAreNoneAreNone(_ bounds: JSON) throws {
        let record = try #require(DeliveryRecord(json: DeliveryRecord().json.with("sending", bounds)))
        #expect(record.sending == nil)
        let omitted = try #require(DeliveryRecord(json: DeliveryRecord().json.with("omitted", bounds))).omitted
        #expect(omitted == (bounds == ["from": 5, "to": 5] ? .init(from: 5, to: 5) : nil))
    }

    @Test func supervisorRecordsComeBack() throws {
        for outcome in [RunOutcome.exited(code: 255), .killed(signal: 9), .lost, .timedOut(afterSeconds: 0.25)] {
            let ended = SupervisorRecord.Ended(at: Self.at, outcome: outcome, exitCode: ExitCode.of(outcome))
            let file = SupervisorRecord.started(Self.started).line + SupervisorRecord.ended(ended).line
            #expect(SupervisorRecord.read(file) == [.started(Self.started), .ended(ended)])
            #expect(SupervisorRecord.Ended(json: ended.json) == ended)
        }
    }

    /// However the last line was torn, it is no record, and the lines before it stay.
    @Test func aTornLastLineIsNoRecord() {
        let ended = SupervisorRecord.Ended(at: Self.at, outcome: .exited(code: 0), exitCode: 0)
        let first = SupervisorRecord.started(Self.started).line
        let last = SupervisorRecord.ended(ended).line
        for length in 0..<last.count {
            #expect(SupervisorRecord.read(first + last.prefix(length)) == [.started(Self.started)])
        }
        for length in 0..<first.count { #expect(SupervisorRecord.read(Array(first.prefix(length))).isEmpty) }
    }

    @Test func foreignLinesArePassedOver() {
        let first = SupervisorRecord.started(Self.started)
        let noise = Array("\nnoise\n{}\n".utf8) + [0xFF, 0x00, 0x0A]
        #expect(SupervisorRecord.read(noise + first.line + noise) == [first])
    }

    @Test(
        arguments: [
            ("v", .integer(2)), ("v", nil), ("event", "paused"), ("event", nil), ("boot", nil), ("at", nil),
            ("supervisor", nil), ("child", ["pid": 0, "start": 1]), ("child", ["pid": -1, "start": 1]),
            ("child", ["pid": 5]),
            ("child", ["pid": 5, "start": -1]), ("child", ["pid": 4_294_967_296, "start": 1]), ("group", 0),
            ("group", 1),
            ("group", -5), ("group", nil),
        ] as [(String, JSON?)])
    func aStartThatIsNoneIsRefused(_ field: String, _ value: JSON?) {
        let good = SupervisorRecord.started(Self.started).json
        #expect(SupervisorRecord(line: good.bytes) != nil)
        #expect(SupervisorRecord(line: good.with(field, value).bytes) == nil)
    }

    @Test(
        arguments: [
            ("v", .integer(2)), ("v", nil), ("event", "started"), ("at", nil), ("outcome", nil),
            ("outcome", ["kind": "exited", "code": 256]), ("exit_code", 256), ("exit_code", -1), ("exit_code", nil),
            ("output_bytes", -1), ("output_bytes", .integer(.max)), ("output_bytes", nil),
        ] as [(String, JSON?)])
    func anEndThatIsNoneIsRefused(_ field: String, _ value: JSON?) {
        let good = SupervisorRecord.Ended(at: Self.at, outcome: .lost, exitCode: 125).json
        #expect(SupervisorRecord.Ended(json: good) != nil)
        #expect(SupervisorRecord.Ended(json: good.with(field, value)) == nil)
        #expect(SupervisorRecord(line: good.with(field, value).bytes) == nil)
    }

    /// The supervisor of a crontab line is its user's process: what it counts must not overflow the daemon's sums.
    @Test func countsAreBounded() throws {
        var json = SupervisorRecord.Ended(at: Self.at, outcome: .lost, exitCode: 125).json
        for name in ["duration_ms", "stdout_lines", "stderr_lines", "lost_bytes", "user_ms", "max_resident_kib"] {
            json = json.with(name, .integer(.max))
        }
        let ended = try #require(SupervisorRecord.Ended(json: json.with("system_ms", -5)))
        #expect(ended.stdoutLines == 1 << 50)
        #expect(ended.duration.milliseconds == 1 << 50)
        #expect(ended.systemTime.milliseconds == 0)
    }

    @Test(arguments: [
        ("2026-01-31T04:05:06.000000000Z stdout F text", "text"), ("2026-01-31T04:05:06Z stderr P  a  b ", " a  b "),
        ("2026-01-31T04:05:06.000000000Z stdout F ", ""),
    ])
    func logLinesAreRead(_ entry: String, _ text: String) throws {
        let line = try #require(LogLine(entry: Array(entry.utf8)[...]))
        #expect(line.text == Array(text.utf8))
        #expect(line.isPartial == entry.contains(" P "))
        #expect(line.stream == (entry.contains("stderr") ? .stderr : .stdout))
    }

    @Test(arguments: [
        "", "text", "2026-01-31T04:05:06.000000000Z", "2026-01-31T04:05:06.000000000Z stdout F",
        "2026-01-31T04:05:06.000000000Z stdin F x", "2026-01-31T04:05:06.000000000Z stdout Q x",
        "2026-01-31T04:05:06.000000000Z stdout FF x", "2026-01-31T04:05:06.000000000Z  stdout F x",
        "2026-02-31T04:05:06.000000000Z stdout F x", " 2026-01-31T04:05:06.000000000Z stdout F x",
    ])
    func otherTextIsNoLogLine(_ entry: String) {
        #expect(LogLine(entry: Array(entry.utf8)[...]) == nil)
    }
}

extension JSON {
    /// This object with another value for a member, or without it.
    func with(_ name: String, _ value: JSON?) -> JSON {
        .object((members ?? []).filter { $0.name != name } + (value.map { [Member(name, $0)] } ?? []))
    }
}
