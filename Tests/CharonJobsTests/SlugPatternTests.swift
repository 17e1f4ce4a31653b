import CharonCore
import CharonJobs
import Testing

@Suite struct SlugPatternTests {
    @Test(arguments: [
        ("*", "a", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("aa", "a", false),
        ("A", "a", false),
        ("shop-*", "shop-import", true), ("shop-*", "shop-", true), ("shop-*", "shop", false),
        ("shop-*", "xshop-a", false),
        ("*-import", "shop-import", true), ("*-import", "shop-imports", false), ("*a*", "banana", true),
        ("b*n*a", "banana", true), ("b*n*b", "banana", false), ("*ana", "banana", true), ("***", "x", true),
        ("a*a", "a", false), ("a*a", "aa", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "abcb", false),
        ("a.c", "abc", false), ("a.c", "a.c", true), ("*.*", "a.b", true), ("*.*", "ab", false),
    ])
    func matches(_ pattern: String, _ slug: String, _ expected: Bool) throws {
        let pattern = try #require(SlugPattern(pattern))
        #expect(pattern.matches(try #require(Slug(slug))) == expected)
    }

    @Test(arguments: ["", "a b", "a?", "[a]", "{a,b}", "a/b", "ä*", "a\n", "^a$", String(repeating: "*", count: 101)])
    func refuses(_ text: String) {
        #expect(SlugPattern(text) == nil)
    }

    /// Against the plain definition: a star takes nothing, or one character and stays.
    @Test func agreesWithTheDefinition() throws {
        func matches(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
            }
            return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
        }
        for _ in 0..<20_000 {
            let pattern = String((0..<Int.random(in: 1...7)).map { _ in "ab*".randomElement() ?? "a" })
            let text = String((0..<Int.random(in: 1...8)).map { _ in "ab".randomElement() ?? "a" })
            let found = try #require(SlugPattern(pattern)).matches(try #require(Slug(text)))
            #expect(found == matches(pattern[...], text[...]), "\(pattern) \(text)")
        }
    }
}
