import CharonCore
import Testing

@testable import CharonCall

@Suite struct EncodingTests {
    @Test(arguments: [
        ("abc-._~09", "abc-._~09"), ("a b", "a%20b"), ("a+b", "a%2Bb"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("é", "%C3%A9"),
        ("😀", "%F0%9F%98%80"), ("%41", "%2541"), ("a;b=c", "a%3Bb%3Dc"), ("..", ".."), ("", ""),
        ("2026-11-22T23:15:00+0100", "2026-11-22T23%3A15%3A00%2B0100"), ("a\r\nb", "a%0D%0Ab"),
    ])
    func aValueIsOneStepOfAPath(_ text: String, _ encoded: String) { #expect(PercentEncoding.value(text) == encoded) }

    @Test(arguments: [
        ("/a/b;c=d,e", "/a/b;c=d,e"), ("/a b/é", "/a%20b/%C3%A9"), ("/%41/%zz", "/%41/%25zz"), ("/100%", "/100%25"),
    ])
    func aPathKeepsWhatAPathMayHold(_ text: String, _ encoded: String) {
        #expect(PercentEncoding.path(text) == encoded)
    }

    @Test(arguments: [("a b+c", "a+b%2Bc"), (" ", "+"), ("é&=", "%C3%A9%26%3D"), ("", "")])
    func aFormHasPlusForSpace(_ text: String, _ encoded: String) { #expect(PercentEncoding.form(text) == encoded) }

    @Test(arguments: ["/a/../b", "/..", "/a/%2e%2E/b", "/./a", "/a/.%2e", "/..;a=b"])
    func aDotStepIsFound(_ path: String) { #expect(PercentEncoding.hasDotStep(path)) }

    @Test(arguments: ["/a..b/c", "/...", "/.a", "/a/%2e%2ea"])
    func anyOtherDotIsNone(_ path: String) { #expect(!PercentEncoding.hasDotStep(path)) }

    /// The examples of RFC 4648, 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("ÿ>?", "w78+Pw=="),
    ])
    func base64(_ text: String, _ encoded: String) { #expect(Base64.encode(text) == encoded) }
}
