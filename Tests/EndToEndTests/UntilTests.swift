import CharonCore
import CharonSchedule
import Testing

@testable import charonctl

/// What `--until` takes.
@Suite struct UntilTests {
    /// Clocks go forward on 2026-03-29 at 03:00 (+02:00 to +03:00) and back on 2026-10-25 at 04:00.
    private func riga() throws -> Zone {
        var zones = ZoneStore()
        return try zones.zone("Europe/Riga")
    }

    private let now = Instant(rfc3339: "2026-03-28T12:00:00Z".utf8) ?? Instant(nanoseconds: 0)

    @Test(arguments: [
        ("2h", "2026-03-28T16:00:00+02:00"), ("1d12h", "2026-03-30T03:00:00+03:00"),
        ("90", "2026-03-28T14:01:30+02:00"),
        ("2026-03-29 06:00", "2026-03-29T06:00:00+03:00"), ("2026-03-29T06:00", "2026-03-29T06:00:00+03:00"),
        ("2026-03-29", "2026-03-29T00:00:00+02:00"), ("2026-03-29T06:00:00Z", "2026-03-29T09:00:00+03:00"),
        ("2026-03-29T06:00:00+01:00", "2026-03-29T08:00:00+03:00"),
        // A time that the clocks leave out counts on from before the gap; of one that comes twice it is the first.
        ("2026-03-29 03:30", "2026-03-29T04:30:00+03:00"), ("2026-10-25 03:30", "2026-10-25T03:30:00+03:00"),
    ])
    func aTimeIsRead(text: String, expected: String) throws {
        let until = try #require(Until(text, now: now, in: try riga()))
        #expect(until.description == expected)
    }

    @Test(arguments: ["", "tomorrow", "2026-13-01", "2026-03-29 25:00", "-2h", "2h from now", "06:00"])
    func whatIsNoTimeIsRefused(text: String) throws {
        #expect(Until(text, now: now, in: try riga()) == nil)
    }
}
