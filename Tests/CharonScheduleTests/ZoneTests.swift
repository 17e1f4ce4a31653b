import CharonCore
import CharonSchedule
import Glibc
import Testing

@Suite struct ZoneTests {
    /// What `zdump -v` says about these zones: the second before a change and the change, with both offsets in seconds.
    @Test(
        arguments: [
            ("Europe/Paris", "2026-03-29T01:00:00Z", 3600, 7200), ("Europe/Paris", "2026-10-25T01:00:00Z", 7200, 3600),
            ("Europe/Riga", "2021-03-28T01:00:00Z", 7200, 10_800),
            ("Europe/Riga", "2021-10-31T01:00:00Z", 10_800, 7200),
            ("America/New_York", "2026-03-08T07:00:00Z", -18_000, -14_400),
            ("America/New_York", "2026-11-01T06:00:00Z", -14_400, -18_000),
            // By the footer: Debian's files end in 2037.
            ("Europe/Paris", "2060-03-28T01:00:00Z", 3600, 7200), ("Europe/Paris", "2060-10-31T01:00:00Z", 7200, 3600),
            ("America/New_York", "2060-03-14T07:00:00Z", -18_000, -14_400),
            // Winter time is the one with the flag; half an hour; midnight; a day.
            ("Europe/Dublin", "2026-03-29T01:00:00Z", 0, 3600), ("Europe/Dublin", "2060-10-31T01:00:00Z", 3600, 0),
            ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 39_600, 37_800),
            ("Australia/Lord_Howe", "2060-10-02T15:30:00Z", 37_800, 39_600),
            ("America/Sao_Paulo", "2018-11-04T03:00:00Z", -10_800, -7200),
            ("Asia/Beirut", "2026-03-28T22:00:00Z", 7200, 10_800),
            ("Africa/Casablanca", "2026-02-15T02:00:00Z", 3600, 0),
            ("Africa/Casablanca", "2026-03-22T02:00:00Z", 0, 3600),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", -36_000, 50_400),
        ] as [(String, String, Int64, Int64)])
    func knowsItsChanges(_ name: String, _ change: String, _ before: Int64, _ after: Int64) throws {
        let zone = try Fixture.zone(name)
        let second = try Fixture.seconds(change)
        let (earlier, later) = (zone.stretch(at: second - 1), zone.stretch(at: second))
        #expect(earlier.offset == before)
        #expect(later.offset == after)
        #expect(earlier.end == second)
        #expect(later.start == second)
    }

    /// Every zone of the host, at many seconds, against localtime_r(3) of the C library.
    @Test func agreesWithTheCLibrary() throws {
        let names = ["Europe/Paris", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca"]
        let saved = getenv("TZ").map { String(cString: $0) }
        defer {
            if let saved { setenv("TZ", saved, 1) } else { unsetenv("TZ") }
            tzset()
        }
        for name in names + ["America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC", "Asia/Tehran", "Africa/Cairo"] {
            let zone = try Fixture.zone(name)
            setenv("TZ", name, 1)
            tzset()
            var second: time_t = -2_000_000_000
            while second < 4_000_000_000 {
                var parts = tm()
                localtime_r(&second, &parts)
                #expect(zone.offset(at: Int64(second)) == Int64(parts.tm_gmtoff), "\(name) \(second)")
                second += 86_400 * 11 + 3607
            }
        }
    }

    /// Each stretch ends where the next one begins, and both directions agree.
    @Test(arguments: [
        "Europe/Paris", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "Australia/Lord_Howe", "UTC",
    ])
    func isWithoutGaps(_ name: String) throws {
        let zone = try Fixture.zone(name)
        var second: Int64 = -10_000_000_000
        var count = 0
        while second < 10_000_000_000 {
            let stretch = zone.stretch(at: second)
            #expect(stretch.start <= second && second < stretch.end)
            #expect(zone.stretch(at: stretch.end - 1) == stretch)
            second = stretch.end
            count += 1
        }
        #expect(count < 1000)
    }

    @Test(
        arguments: [
            // Names in brackets; west is positive.
            ("<+03>-3", "2026-07-01T00:00:00Z", 10_800), ("EST5", "2026-07-01T00:00:00Z", -18_000),
            ("<-0330>3:30", "2026-07-01T00:00:00Z", -12_600), ("IST-5:30:15", "2026-07-01T00:00:00Z", 19_815),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600),
            ("EST5EDT", "2026-03-08T07:00:00Z", -14_400), ("EST5EDT4,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18_000),
            // Julian days: J60 is 1 March in every year, 59 is 29 February in a leap year.
            ("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600), ("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0),
            ("AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z", 3600), ("AAA0BBB,59/0,300/0", "2023-02-28T23:59:59Z", 0),
            ("AAA0BBB,59/0,300/0", "2023-03-01T00:00:00Z", 3600),
            // RFC 8536: hours from -167 to 167 (Greenland's rule of 2023; a rule of Gaza), and summer time all year.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7200),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10_800),
            ("XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14_400),
            ("XXX3EDT4,0/0,J365/23", "2026-12-31T23:30:00Z", -14_400),
            ("XXX3EDT4,0/0,J365/23", "2027-01-01T02:59:59Z", -14_400),
            ("AAA0BBB,M12.5.0/167,M6.1.0", "2026-01-03T22:00:00Z", 0),
            ("AAA0BBB,M12.5.0/167,M6.1.0", "2026-01-03T23:00:00Z", 3600),
            // Winter time with negative saving, as Europe/Dublin has it.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-15T00:00:00Z", 0),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-15T00:00:00Z", 3600),
        ] as [(String, String, Int64)])
    func readsPosixRules(_ rule: String, _ time: String, _ offset: Int64) throws {
        let zone = try #require(Zone(posix: rule))
        #expect(zone.offset(at: try Fixture.seconds(time)) == offset)
    }

    @Test(arguments: [
        "", "E", "ES5", "EST", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,", "EST25", "EST5:60", "EST5:30:60",
        "<+3-3",
        "<+0>-3", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M0.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J365", "EST5EDT,J366,J1", "EST5EDT,366,1", "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/-168,M11.1.0", "EST5EDT,M3.2.0,M11.1.0x", "EST 5", "E5T5", "EST5EDT,M3.2,M11.1.0",
        "EST99999999999999999999",
    ])
    func refusesOtherRules(_ rule: String) {
        #expect(Zone(posix: rule) == nil)
    }
}
