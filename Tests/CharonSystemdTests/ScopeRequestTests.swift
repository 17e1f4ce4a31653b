import CharonCore
import Testing

@testable import CharonSystemd

@Suite("A run's scope")
struct ScopeRequestTests {
    private static func request(_ slug: Slug, grace: TimeSpan = .seconds(10)) throws -> ScopeRequest {
        ScopeRequest(
            slug: slug, run: try #require(RunID("20260301T020000000-0123456789ab")), process: 1, description: "",
            stopSignal: 15, grace: grace)
    }

    @Test("Every slug makes the name of a unit: all its characters may be in one, and it is short enough")
    func name() throws {
        let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { String(UnicodeScalar($0)) }.joined()
        let slugs = [
            "a", "A.b_c-d", "9" + letters + letters.uppercased() + "0123456789._-", String(repeating: "x", count: 100),
        ]
        for text in slugs {
            let unit = try Self.request(try #require(Slug(text))).unit
            #expect(unit == "charon-\(text)-20260301T020000000-0123456789ab.scope")
            // VALID_CHARS and UNIT_NAME_MAX of systemd.unit(5); no escape, no instance.
            #expect(unit.utf8.allSatisfy { isValid($0) })
            #expect(unit.utf8.count < 256)
        }
    }

    private func isValid(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    @Test("systemd kills five seconds after the run's own grace is over")
    func patience() throws {
        let slug = try #require(Slug("a"))
        #expect(try Self.request(slug).stopMicroseconds == 15_000_000)
        #expect(try Self.request(slug, grace: TimeSpan(milliseconds: -1)).stopMicroseconds == 5_000_000)
        let longest = TimeSpan(milliseconds: TimeSpan.longest)
        #expect(try Self.request(slug, grace: longest).stopMicroseconds == 31_622_400_005_000_000)
    }
}
