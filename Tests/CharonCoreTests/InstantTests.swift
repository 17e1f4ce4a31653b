import CharonCore
import Foundation
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (-86_400_000_000_000, "1969-12-31T00:00:00.000000000Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (951_868_800_000_000_000, "2000-03-01T00:00:00.000000000Z"),
            (1_709_164_799_999_999_999, "2024-02-28T23:59:59.999999999Z"),
            (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000000000Z"),
            (4_107_456_000_000_000_000, "2100-02-28T00:00:00.000000000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
            (1_769_832_306_000_000_007, "2026-01-31T04:05:06.000000007Z"),
            (9_214_646_399_999_999_999, "2261-12-31T23:59:59.999999999Z"),
            (-9_214_560_000_000_000_000, "1678-01-01T00:00:00.000000000Z"),
        ] as [(Int64, String)])
    func writesAndReads(_ nanoseconds: Int64, _ text: String) {
        #expect(Instant(nanoseconds: nanoseconds).rfc3339 == text)
        #expect(Instant(rfc3339: text.utf8)?.nanoseconds == nanoseconds)
    }

    /// The ends of the range are written; only whole years within it are read.
    @Test func survivesTheEndsOfItsRange() {
        #expect(Instant(nanoseconds: .max).rfc3339 == "2262-04-11T23:47:16.854775807Z")
        #expect(Instant(nanoseconds: .min).rfc3339 == "1677-09-21T00:12:43.145224192Z")
        #expect(Instant(rfc3339: "2262-01-01T00:00:00Z".utf8) == nil)
        #expect(Instant(rfc3339: "1677-12-31T23:59:59Z".utf8) == nil)
        #expect(Instant(seconds: .max).nanoseconds == .max)
        #expect(Instant(seconds: .min).nanoseconds == .min)
        #expect(Instant(nanoseconds: .max).seconds(since: Instant(nanoseconds: .min)) > 1.8e10)
        #expect(Instant(nanoseconds: .max).advanced(bySeconds: 1).nanoseconds == .max)
        #expect(Instant(nanoseconds: .min).advanced(bySeconds: -1).nanoseconds == .min)
        #expect(Instant(nanoseconds: 5).advanced(bySeconds: .infinity).nanoseconds == .max)
        #expect(Instant(nanoseconds: 5).advanced(bySeconds: .nan).nanoseconds == 5)
    }

    @Test(arguments: [
        ("2026-01-31T04:05:06Z", 0), ("2026-01-31T04:05:06.5Z", 500_000_000),
        ("2026-01-31T04:05:06.007Z", 7_000_000), ("2026-01-31T04:05:06.000000001Z", 1),
    ])
    func readsAnyNumberOfDecimals(_ text: String, _ fraction: Int) {
        #expect(Instant(rfc3339: text.utf8)?.nanoseconds == 1_769_832_306_000_000_000 + Int64(fraction))
    }

    @Test func readsALeapSecondAsTheNextOne() {
        #expect(Instant(rfc3339: "2016-12-31T23:59:60Z".utf8) == Instant(rfc3339: "2017-01-01T00:00:00Z".utf8))
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-01-31T04:05:06", "2026-01-31T04:05:06+00:00", "2026-01-31T04:05:06z",
        "2026-01-31t04:05:06Z", "2026-01-31 04:05:06Z", "2026-01-31T04:05Z", "2026-01-31T04:05:06.Z",
        "2026-01-31T04:05:06.0000000000Z", "2026-01-31T04:05:06,5Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
        "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T04:60:00Z",
        "2026-01-31T04:05:61Z", "0000-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "+026-01-31T04:05:06Z",
        "2026-01-31T04:05:0éZ", "2026-01-31T04:05:06.12 Z", " 2026-01-31T04:05:06Z",
    ])
    func refuses(_ text: String) {
        #expect(Instant(rfc3339: text.utf8) == nil)
    }

    /// Every day from 1970 to 2100 against the C library.
    @Test func agreesWithTheCLibrary() {
        for day in stride(from: Int64(0), to: 47_500, by: 1) {
            var seconds = time_t(day * 86_400 + day % 86_400)
            var utc = tm()
            gmtime_r(&seconds, &utc)
            let civil = Instant(seconds: Int64(seconds)).civil
            let ours = [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second]
            let theirs = [utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec]
            #expect(ours == theirs.map(Int.init))
        }
    }

    @Test func aRandomInstantComesBack() {
        for _ in 0..<10_000 {
            let instant = Instant(nanoseconds: .random(in: -9_214_560_000_000_000_000..<9_214_646_400_000_000_000))
            #expect(Instant(rfc3339: instant.rfc3339Bytes) == instant)
        }
    }

    @Test func countsSeconds() {
        let start = Instant(seconds: 100)
        #expect(start.advanced(bySeconds: 1.5).seconds(since: start) == 1.5)
        #expect(start.seconds(since: start.advanced(bySeconds: 2)) == -2)
        #expect(start < start.advanced(bySeconds: 0.001))
        #expect(abs(Date().timeIntervalSince1970 - Instant.now().seconds(since: Instant(seconds: 0))) < 60)
    }

    @Test(arguments: [(0, 0, "0"), (0, 3, "000"), (7, 2, "07"), (123, 2, "23"), (123, 5, "00123")])
    func appendsDecimals(_ value: Int, _ width: Int, _ text: String) {
        var bytes: [UInt8] = []
        bytes.appendDecimal(value, width: width)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
