import CharonAPI
import CharonCore
import Testing

@Suite struct RetryAfterTests {
    @Test(arguments: [
        ("0", 0), ("120", 120), (" 7", 7), ("99999999999999999999", 366 * 86_400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37), ("Sun Nov  6 08:49:37 1994", 37),
        ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("Sun, 06 Nov 2044 08:49:00 GMT", 366 * 86_400),
    ])
    func bothFormsAndTheOldDates(_ text: String, _ seconds: Int64) throws {
        let now = try #require(Instant(rfc3339: "1994-11-06T08:49:00Z".utf8))
        #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
    }

    @Test func aTwoDigitYearIsAtMostFiftyYearsAhead() throws {
        let now = try #require(Instant(rfc3339: "2026-01-01T00:00:00Z".utf8))
        #expect(RetryAfter.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == .seconds(0))
        #expect(RetryAfter.parse("Thursday, 01-Jan-26 00:00:09 GMT", now: now) == .seconds(9))
    }

    @Test(arguments: [
        "", "-1", "+1", "1.5", "soon", "1 2 3", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 9999 08:49:37 GMT",
    ])
    func anythingElseIsNone(_ text: String) {
        #expect(RetryAfter.parse(text, now: Instant(seconds: 0)) == nil)
    }
}
