import CharonLevels
import Testing

@Suite struct GlobTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        Glob(pattern.utf8).matches(Array(text.utf8).span)
    }

    @Test(arguments: [
        ("abc", "abc"), ("", ""), ("*", ""), ("*", "abc"), ("a*", "a"), ("a*c", "abbc"), ("*b*", "abc"), ("**", "x"),
        ("a?c", "abc"), ("???", "abc"), ("[abc]", "b"), ("[a-c]x", "bx"), ("[!a-c]", "d"), ("[^a]", "b"), ("[]]", "]"),
        ("[a-]", "-"), ("[-a]", "-"), ("[z-a]", "m"), ("a[b", "a[b"), (#"\*"#, "*"), (#"a\"#, #"a\"#),
        (#"\[a]"#, "[a]"),
        ("*.log", "a.log.log"), ("a*b*c", "a1b2b3c"), ("*ab*ab*", "abab"), ("*[0-9]?", "x1y"), ("?", "\u{7F}"),
    ])
    func these(_ pattern: String, _ text: String) { #expect(matches(pattern, text), "\(pattern) \(text)") }

    @Test(arguments: [
        ("abc", "abcd"), ("abc", "ab"), ("", "a"), ("a*", "ba"), ("a*c", "acb"), ("?", ""), ("?", "ab"), ("[abc]", "d"),
        ("[!a]", "a"), ("[a-c]", "A"), ("*ab*ab*", "aba"), ("a*a", "a"), ("a\\*", "ab"), ("*.log", "a.logs"),
        ("[a", "a"),
    ])
    func notThese(_ pattern: String, _ text: String) { #expect(!matches(pattern, text), "\(pattern) \(text)") }

    /// A matcher that goes back at each star would not end: the work here is at most the product of the lengths.
    @Test func aHostilePatternEnds() {
        let text = String(repeating: "a", count: 16_000)
        #expect(!matches(String(repeating: "a*", count: 500) + "b", text))
        #expect(!matches(String(repeating: "*a?", count: 300) + "*b*a", text))
        #expect(matches(String(repeating: "*a", count: 500), text))
    }
}
