import CharonCore
import Testing

@Suite struct SlugTests {
    @Test(arguments: ["a", "0", "nightly-import", "A.b_c-9", "a..b", "CON", String(repeating: "x", count: 100)])
    func accepts(_ text: String) throws {
        #expect(try #require(Slug(text)).text == text)
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "-rf", "_a", "a/b", "../etc", "a b", "a\n", "a\0", "ä", "a\u{301}", "K\u{212A}", "a*",
        "a%2f", String(repeating: "x", count: 101),
    ])
    func refuses(_ text: String) {
        #expect(Slug(text) == nil)
    }

    @Test func identifiersOfCharonAreAnyTextButNone() {
        #expect(CronID("") == nil)
        #expect(ExecutionID("") == nil)
        #expect(CronID("../ä")?.text == "../ä")
        #expect(ExecutionID(" 7 ")?.description == " 7 ")
    }
}
