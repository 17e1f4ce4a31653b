import CharonCore
import CharonSchedule
import Testing

/// Runs around the changes of zones that are unlike each other; Europe/Riga has a suite of its own.
@Suite struct GoldenTests {
    private static func expect(_ zone: String, _ text: String, from: String, _ times: [String]) throws {
        let runs = try Fixture.runs(text, zone, from: from, times.count)
        #expect(runs == times, "\(zone) \(text)")
        guard let last = times.last else { return }
        // To just behind the last one, in both directions.
        let end = Instant(seconds: try Fixture.seconds(last) + 1).text(in: try Fixture.zone("UTC"))
        #expect(try Fixture.runs(text, zone, from: from, to: end) == times, "\(zone) \(text)")
    }

    /// Europe/Paris: 2026-03-29T02:00:00+01:00 becomes 03:00:00+02:00; 2026-10-25T03:00:00+02:00 becomes 02:00:00+01:00.
    @Test(
        arguments: [
            (
                "30 2 * * *", "2026-03-28T00:00:00Z",
                ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
            ),
            ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
            (
                "*/30 * * * *", "2026-03-29T00:30:00Z",
                ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"]
            ),
            (
                "*/30 2 * * *", "2026-10-24T12:00:00Z",
                [
                    "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00",
                    "2026-10-25T02:30:00+01:00", "2026-10-26T02:00:00+01:00",
                ]
            ),
            ("@daily", "2026-03-28T12:00:00Z", ["2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"]),
            (
                "*/20 30 2 * * *", "2026-10-25T00:29:00Z",
                [
                    "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:20+02:00", "2026-10-25T02:30:40+02:00",
                    "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:20+01:00", "2026-10-25T02:30:40+01:00",
                ]
            ),
            (
                "0,20,40 30 2 * * *", "2026-10-25T00:29:00Z",
                [
                    "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:20+02:00", "2026-10-25T02:30:40+02:00",
                    "2026-10-26T02:30:00+01:00",
                ]
            ),
            ("30 2 29 3 *", "2026-01-01T00:00:00Z", ["2026-03-29T03:00:00+02:00", "2027-03-29T02:30:00+02:00"]),
        ] as [(String, String, [String])])
    func paris(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Europe/Paris", text, from: from, times)
    }

    /// America/New_York: 2026-03-08T02:00:00-05:00 becomes 03:00:00-04:00; 2026-11-01T02:00:00-04:00 becomes 01:00:00-05:00.
    @Test(
        arguments: [
            ("30 2 * * *", "2026-03-07T12:00:00Z", ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"]),
            ("30 1 * * *", "2026-10-31T12:00:00Z", ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"]),
            (
                "*/30 1 * * *", "2026-10-31T12:00:00Z",
                [
                    "2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00",
                    "2026-11-01T01:30:00-05:00", "2026-11-02T01:00:00-05:00",
                ]
            ),
            ("0 2 * * *", "2026-10-31T12:00:00Z", ["2026-11-01T02:00:00-05:00", "2026-11-02T02:00:00-05:00"]),
            ("0 2 * * 0", "2026-03-07T12:00:00Z", ["2026-03-08T03:00:00-04:00", "2026-03-15T02:00:00-04:00"]),
        ] as [(String, String, [String])])
    func newYork(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("America/New_York", text, from: from, times)
    }

    /// Europe/Dublin, whose winter time is the one with the flag: 2026-03-29T01:00:00+00:00 becomes 02:00:00+01:00;
    /// 2026-10-25T02:00:00+01:00 becomes 01:00:00+00:00.
    @Test(
        arguments: [
            ("30 1 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T02:00:00+01:00", "2026-03-30T01:30:00+01:00"]),
            ("30 1 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00+00:00"]),
            ("0 1 * * 0", "2026-03-28T12:00:00Z", ["2026-03-29T02:00:00+01:00", "2026-04-05T01:00:00+01:00"]),
            (
                "0 * * * *", "2026-10-25T00:00:00Z",
                [
                    "2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+00:00",
                ]
            ),
        ] as [(String, String, [String])])
    func dublin(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Europe/Dublin", text, from: from, times)
    }

    /// Australia/Lord_Howe, half an hour: 2026-04-05T02:00:00+11:00 becomes 01:30:00+10:30; 2026-10-04T02:00:00+10:30
    /// becomes 02:30:00+11:00.
    @Test(
        arguments: [
            ("15 2 * * *", "2026-10-03T00:00:00Z", ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]),
            (
                "*/15 1,2 * * *", "2026-10-03T15:15:00Z",
                [
                    "2026-10-04T01:45:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00",
                    "2026-10-05T01:00:00+11:00",
                ]
            ),
            ("45 1 * * *", "2026-04-04T00:00:00Z", ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"]),
            (
                "*/15 1 * * *", "2026-04-04T00:00:00Z",
                [
                    "2026-04-05T01:00:00+11:00", "2026-04-05T01:15:00+11:00", "2026-04-05T01:30:00+11:00",
                    "2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:45:00+10:30",
                ]
            ),
        ] as [(String, String, [String])])
    func lordHowe(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Australia/Lord_Howe", text, from: from, times)
    }

    /// America/Sao_Paulo, at midnight: 2018-11-04T00:00:00-03:00 becomes 01:00:00-02:00; 2018-02-18T00:00:00-02:00 becomes
    /// 2018-02-17T23:00:00-03:00.
    @Test(
        arguments: [
            ("0 0 * * *", "2018-11-03T12:00:00Z", ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]),
            ("@monthly", "2018-10-15T12:00:00Z", ["2018-11-01T00:00:00-03:00", "2018-12-01T00:00:00-02:00"]),
            ("30 0 * * 0", "2018-11-03T12:00:00Z", ["2018-11-04T01:00:00-02:00", "2018-11-11T00:30:00-02:00"]),
            ("30 23 * * *", "2018-02-17T12:00:00Z", ["2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"]),
            ("0 0 * * *", "2018-02-17T12:00:00Z", ["2018-02-18T00:00:00-03:00", "2018-02-19T00:00:00-03:00"]),
        ] as [(String, String, [String])])
    func saoPaulo(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("America/Sao_Paulo", text, from: from, times)
    }

    /// Asia/Beirut, at midnight: 2026-03-29T00:00:00+02:00 becomes 01:00:00+03:00; 2026-10-25T00:00:00+03:00 becomes
    /// 2026-10-24T23:00:00+02:00.
    @Test(
        arguments: [
            ("0 0 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"]),
            ("@weekly", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00+03:00", "2026-04-05T00:00:00+03:00"]),
            ("0 23 * * *", "2026-10-24T12:00:00Z", ["2026-10-24T23:00:00+03:00", "2026-10-25T23:00:00+02:00"]),
            (
                "0 * * * *", "2026-10-24T19:30:00Z",
                [
                    "2026-10-24T23:00:00+03:00", "2026-10-24T23:00:00+02:00", "2026-10-25T00:00:00+02:00",
                ]
            ),
        ] as [(String, String, [String])])
    func beirut(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Asia/Beirut", text, from: from, times)
    }

    /// Africa/Casablanca, back for Ramadan: 2026-02-15T03:00:00+01:00 becomes 02:00:00+00:00; 2026-03-22T02:00:00+00:00
    /// becomes 03:00:00+01:00.
    @Test(
        arguments: [
            ("30 2 * * *", "2026-02-14T12:00:00Z", ["2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00+00:00"]),
            ("30 2 * * *", "2026-03-21T12:00:00Z", ["2026-03-22T03:00:00+01:00", "2026-03-23T02:30:00+01:00"]),
            (
                "0 */3 * * *", "2026-02-15T00:30:00Z",
                [
                    "2026-02-15T03:00:00+00:00", "2026-02-15T06:00:00+00:00",
                ]
            ),
        ] as [(String, String, [String])])
    func casablanca(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Africa/Casablanca", text, from: from, times)
    }

    /// Pacific/Apia, a day left out: 2011-12-30T00:00:00-10:00 becomes 2011-12-31T00:00:00+14:00.
    ///
    /// More than 3 hours are a correction of the clock: nothing is made up for.
    @Test(
        arguments: [
            ("0 12 * * *", "2011-12-29T12:00:00Z", ["2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"]),
            ("0 0 * * *", "2011-12-29T10:00:00Z", ["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"]),
            ("0 12 30 12 *", "2011-01-01T12:00:00Z", ["2012-12-30T12:00:00+14:00"]),
            (
                "0 */12 * * *", "2011-12-29T12:00:00Z",
                [
                    "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00",
                ]
            ),
        ] as [(String, String, [String])])
    func apia(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("Pacific/Apia", text, from: from, times)
    }

    /// UTC has no changes.
    @Test(
        arguments: [
            ("30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T02:30:00+00:00", "2026-03-30T02:30:00+00:00"]),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]),
            ("0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00:00+00:00"]),
            ("0 0 1 1 *", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"]),
            // The rule of the day fields: either, or both where one begins with a star.
            (
                "0 0 13 * 5", "2026-02-01T00:00:00Z",
                [
                    "2026-02-06T00:00:00+00:00", "2026-02-13T00:00:00+00:00", "2026-02-20T00:00:00+00:00",
                ]
            ),
            ("0 0 */13 * 5", "2026-02-01T00:00:00Z", ["2026-02-27T00:00:00+00:00", "2026-03-27T00:00:00+00:00"]),
            ("0 0 13 * */7", "2026-02-01T00:00:00Z", ["2026-09-13T00:00:00+00:00", "2026-12-13T00:00:00+00:00"]),
            (
                "0 0 1-7,*/31 * 1", "2026-02-01T00:00:00Z",
                [
                    "2026-02-01T00:00:00+00:00", "2026-02-02T00:00:00+00:00", "2026-02-03T00:00:00+00:00",
                ]
            ),
            // The last days, workdays and ordinals.
            ("0 0 L * *", "2026-02-01T00:00:00Z", ["2026-02-28T00:00:00+00:00", "2026-03-31T00:00:00+00:00"]),
            ("0 0 LW * *", "2026-01-31T00:00:00Z", ["2026-02-27T00:00:00+00:00", "2026-03-31T00:00:00+00:00"]),
            ("0 0 15W * *", "2026-02-01T00:00:00Z", ["2026-02-16T00:00:00+00:00", "2026-03-16T00:00:00+00:00"]),
            ("0 0 1W * *", "2026-08-01T00:00:00Z", ["2026-08-03T00:00:00+00:00", "2026-09-01T00:00:00+00:00"]),
            ("0 0 31W * *", "2026-04-01T00:00:00Z", ["2026-05-29T00:00:00+00:00", "2026-07-31T00:00:00+00:00"]),
            ("0 0 * * FRI#2", "2026-02-01T00:00:00Z", ["2026-02-13T00:00:00+00:00", "2026-03-13T00:00:00+00:00"]),
            ("0 0 * * 5L", "2026-02-01T00:00:00Z", ["2026-02-27T00:00:00+00:00", "2026-03-27T00:00:00+00:00"]),
            ("0 0 * * MON#5", "2026-02-01T00:00:00Z", ["2026-03-30T00:00:00+00:00", "2026-06-29T00:00:00+00:00"]),
        ] as [(String, String, [String])])
    func utc(_ text: String, _ from: String, _ times: [String]) throws {
        try Self.expect("UTC", text, from: from, times)
    }

    @Test func nothingComesWithinFiftyYears() throws {
        // Leap days that are a fifth Sunday: 2032 and 2060; the horizon ends before the second one.
        let runs = try Fixture.runs("0 0 */28 2 SUN#5", "UTC", from: "2005-01-01T00:00:00Z", 9)
        #expect(runs.first == "2032-02-29T00:00:00+00:00")
        let schedule = try Schedule("@reboot", seed: 1)
        #expect(schedule.isReboot)
        #expect(schedule.next(after: Instant(seconds: 0), in: .utc) == nil)
        #expect(schedule.previous(before: Instant(seconds: 0), in: .utc) == nil)
        let yearly = try Schedule("@yearly", seed: 1)
        #expect(yearly.next(after: Instant(nanoseconds: .max), in: .utc) == nil)
        #expect(yearly.previous(before: Instant(nanoseconds: .min), in: .utc) == nil)
        #expect(try Schedule("@every 1h", seed: 1).next(after: Instant(nanoseconds: .max), in: .utc) == nil)
    }

    @Test func intervalsCountFromTheLastStart() throws {
        let start = Instant(nanoseconds: try Fixture.seconds("2026-03-29T01:30:00+01:00") * 1_000_000_000 + 5)
        let zone = try Fixture.zone("Europe/Paris")
        let schedule = try Schedule("@every 90m", seed: 1)
        let next = try #require(schedule.next(after: start, in: zone))
        #expect(next.instant.nanoseconds == start.nanoseconds + 5_400_000_000_000)
        #expect(next.instant.text(in: zone) == "2026-03-29T04:00:00+02:00")
        #expect(next.nominal.map(\.description) == ["2026-03-29T04:00:00"])
        #expect(schedule.previous(before: next.instant, in: zone)?.instant == start)
    }

    /// Fractions of a second: what comes at a whole second is after the fraction before it and before the one behind it.
    @Test func comparesFractions() throws {
        let schedule = try Schedule("* * * * * *", seed: 1)
        for (nanoseconds, next, previous) in [(0, 1, -1), (1, 1, 0), (999_999_999, 1, 0), (-1, 0, -1)]
            as [(Int64, Int64, Int64)]
        {
            #expect(
                schedule.next(after: Instant(nanoseconds: nanoseconds), in: .utc)?.instant == Instant(seconds: next))
            #expect(
                schedule.previous(before: Instant(nanoseconds: nanoseconds), in: .utc)?.instant
                    == Instant(seconds: previous))
        }
    }
}
