import CharonCore
import Testing

@Suite struct RunIDTests {
    @Test func hasTheFormOfItsRule() throws {
        let at = try #require(Instant(rfc3339: "2026-01-31T04:05:06.789999999Z".utf8))
        #expect(RunID(at: at, random: 0).text == "20260131T040506789-000000000000")
        #expect(RunID(at: at, random: .max).text == "20260131T040506789-ffffffffffff")
        #expect(RunID(at: at, random: 0xFFFF_0123_4567_89AB).text == "20260131T040506789-0123456789ab")
    }

    @Test func textOrderIsTimeOrder() {
        let instants = [
            0, 1, 999, 1000, 86_399_999, 951_782_400_000, 1_700_000_000_000, 1_700_000_000_001, 9_000_000_000_000,
        ]
        .map { Instant(nanoseconds: $0 * 1_000_000) }
        let ids = instants.map { RunID(at: $0) }
        #expect(ids == ids.shuffled().sorted())
        #expect(ids.map(\.text) == ids.map(\.text).shuffled().sorted())
    }

    @Test func readsWhatItWrites() {
        for _ in 0..<1000 {
            let id = RunID(at: Instant(nanoseconds: .random(in: 0...4_000_000_000_000_000_000)))
            #expect(RunID(id.text) == id)
            #expect(Slug(id.text) != nil, "a run id is a safe file name")
        }
    }

    @Test func isNewEachTime() {
        let now = Instant.now()
        #expect(Set((0..<10_000).map { _ in RunID(at: now) }).count == 10_000)
    }

    @Test(arguments: [
        "", "20260131T040506789", "20260131T040506789-0123456789a", "20260131T040506789-0123456789abc",
        "20260131T040506789-0123456789AB", "20260131t040506789-0123456789ab", "20260131T040506789_0123456789ab",
        "2026013/T040506789-0123456789ab", "../../../../../../../../etc/pass", "20260131T04050678é-123456789ab",
    ])
    func refusesOtherForms(_ text: String) {
        #expect(RunID(text) == nil)
    }
}
