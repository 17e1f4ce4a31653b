import CharonCore
import Testing

@Suite struct TimeSpanTests {
    @Test(
        arguments: [
            ("0", 0), ("90", 90_000), ("90s", 90_000), ("90 s", 90_000), ("500ms", 500), ("5min", 300_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000), ("1h 30m", 5_400_000), ("1 h 30 min", 5_400_000), ("7d", 604_800_000),
            ("2w", 1_209_600_000),
            ("1m1m", 120_000), ("10sec", 10_000), ("1d 2h 3min 4s 5ms", 93_784_005), ("1000w", 604_800_000_000),
            ("007", 7000),
        ] as [(String, Int64)])
    func reads(_ text: String, _ milliseconds: Int64) {
        #expect(TimeSpan(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", " ", "s", "-1", "+1", "1.5s", "1x", "1 2", "1h30", "0s90", "90s 5", "1S", "1h,30m", "five", "1e3", "٣",
        "1µs", " 1s",
        "1\n", "9223372036854775807", "99999999999999999999", "366001d", "1000000w 1000000w",
    ])
    func refuses(_ text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0 s"), (1, "1 ms"), (950, "950 ms"), (1000, "1 s"), (1549, "1.5 s"), (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (125_000, "2 min 5 s"), (10_800_000, "3 h 0 min"), (86_399_999, "23 h 59 min"), (187_200_000, "2 d 4 h"),
        ] as [(Int64, String)])
    func describesItself(_ milliseconds: Int64, _ text: String) {
        #expect(TimeSpan(milliseconds: milliseconds).description == text)
    }

    @Test func isOrdered() {
        #expect(TimeSpan.seconds(1) < TimeSpan(milliseconds: 1001))
        #expect(TimeSpan.seconds(2).seconds == 2)
    }
}
