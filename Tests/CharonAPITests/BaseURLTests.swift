import CharonAPI
import CharonCore
import Testing

@Suite struct BaseURLTests {
    @Test(arguments: [
        ("https://charon.example.org/api", "https://charon.example.org/api", "charon.example.org", 443),
        ("https://charon.example.org/api///", "https://charon.example.org/api", "charon.example.org", 443),
        ("HTTPS://Charon.Example.org:8443", "https://charon.example.org:8443", "charon.example.org", 8443),
        ("http://localhost:8080/api/", "http://localhost:8080/api", "localhost", 8080),
        ("http://127.0.0.1/a/b", "http://127.0.0.1/a/b", "127.0.0.1", 80),
        ("http://127.200.3.4", "http://127.200.3.4", "127.200.3.4", 80),
        ("http://[::1]:81/x", "http://[::1]:81/x", "::1", 81),
        ("https://[2001:db8::7]", "https://[2001:db8::7]", "2001:db8::7", 443),
    ])
    func accepted(_ text: String, _ description: String, _ host: String, _ port: Int) throws {
        let url = try BaseURL(text)
        #expect(url.description == description)
        #expect(url.host == host)
        #expect(url.port == port)
    }

    @Test(arguments: [
        ("", "begins with https://"), ("charon.example.org/api", "begins with"), ("ftp://x/api", "scheme"),
        ("http+unix://x", "scheme"), ("https://", "host"), ("https:///api", "host"), ("https://h/api?x=1", "query"),
        ("https://h/api#x", "fragment"), ("https://hört.example", "host"), ("https://a%2fb/api", "host"),
        ("https://h:0/", "port"), ("https://h:65536/", "port"), ("https://h:+1/", "port"), ("https://h:/", "port"),
        ("https://[::1/api", "IPv6"), ("https://[::1]x/api", "port"), ("https://h/a b", "path"),
        ("https://h/a\r\nb", "path"),
    ])
    func refused(_ text: String, _ word: String) throws {
        let error = #expect(throws: CharonError.self) { try BaseURL(text) }
        #expect(try #require(error).message.contains(word))
    }

    @Test func aPasswordIsRefusedAndNotRepeated() throws {
        for text in ["https://me:hunter2@h/api", "https://hunter2@h", "me:hunter2@h", "https://h/?hunter2@"] {
            let error = #expect(throws: CharonError.self) { try BaseURL(text) }
            #expect(try !#require(error).message.contains("hunter2"))
        }
    }

    @Test(arguments: [
        "http://charon.example.org", "http://10.0.0.1", "http://127.evil.org", "http://127.0.0.1.evil.org",
        "http://localhost.evil.org", "http://127.1", "http://[::2]", "http://0x7f.0.0.1",
    ])
    func plainHTTPBeyondLoopbackNeedsPermission(_ text: String) throws {
        let error = #expect(throws: CharonError.self) { try BaseURL(text) }
        #expect(try #require(error).message.contains("in the clear"))
        #expect(try !BaseURL(text, allowPlainHTTP: true).isTLS)
    }

    @Test func theKeyIsInNoDescription() throws {
        let secret = try #require(Secret("  s3cret-key-0001\r\n"))
        #expect(secret.revealed == "s3cret-key-0001")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("<redacted>"))
        }
    }

    @Test(arguments: ["", "  \n", "two words", "a\nb", "clé", "a\u{0}b", String(repeating: "k", count: 1025)])
    func noKey(_ text: String) { #expect(Secret(text) == nil) }
}
