import CharonCore
import CharonLevels
import Testing

/// What a redactor gives for chunks that come one by one.
private func redacted(_ chunks: [ArraySlice<UInt8>], _ rules: RedactionRules) -> [UInt8] {
    var redactor = Redactor(rules)
    var result: [UInt8] = []
    for chunk in chunks { Array(chunk).withUnsafeBytes { redactor.redact($0) { result += $0 } } }
    redactor.finish { result += $0 }
    #expect(!redactor.isHolding)
    return result
}

private func redacted(_ text: String, _ rules: RedactionRules) -> String {
    String(decoding: Redactor.redact(text.utf8, rules), as: UTF8.self)
}

private func rules(_ secrets: [String] = [], globs: [String] = []) throws -> RedactionRules {
    var rules = RedactionRules()
    for secret in secrets { rules.hide(secret: secret.utf8) }
    for glob in globs { rules.hide(try RedactionGlob(glob.utf8)) }
    return rules
}

@Suite struct RedactorTests {
    private static let secret = "s3cr3t/K+y=="

    @Test(arguments: [
        ("", ""), ("no secret\n", "no secret\n"), (secret, "<redacted>"), ("a\(secret)b", "a<redacted>b"),
        ("\(secret) \(secret)\n", "<redacted> <redacted>\n"), ("\(secret)\(secret)", "<redacted>"),
        ("s3cr3t/K+y=", "s3cr3t/K+y="), ("s3cr3t/K+\ny==", "s3cr3t/K+\ny=="), ("ss3cr3t/K+y==", "s<redacted>"),
        (#"{"k":"s3cr3t\/K+y=="}"#, #"{"k":"<redacted>"}"#), ("?k=s3cr3t%2FK%2By%3D%3D&x", "?k=<redacted>&x"),
        ("\u{0}\(secret)\u{0}", "\u{0}<redacted>\u{0}"), ("S3CR3T/K+Y==", "S3CR3T/K+Y=="),
    ])
    func aSecretIsHidden(text: String, expected: String) throws {
        #expect(try redacted(text, rules([Self.secret])) == expected)
    }

    @Test(
        arguments: [
            (["abcdefgh", "abcdefghij"], "abcdefghij abcdefgh abcdefghi", "<redacted> <redacted> <redacted>i"),
            (["abcdefgh", "efghijkl"], "abcdefghijkl!", "<redacted>!"), (["aaaaaaaa"], "aaaaaaaaaaaab", "<redacted>b"),
            (["aaaaaaaa"], "aaaaaaa", "aaaaaaa"), (["aaaaaaaab"], "aaaaaaaaaaaaab", "aaaaa<redacted>"),
            (["<redacted>"], "x <redacted>", "x <redacted>"), (["redacted"], "unredacted", "unredacted"),
            (["12345678", "12345678"], "0123456789", "0<redacted>9"), ([""], "x", "x"),
            (["short", "7654321"], "short", "short"),
            (["  padded secret \r\n"], "padded secret", "<redacted>"),
            (
                ["-----BEGIN KEY-----\nMIIEvAIBADAN\nshort\n-----END KEY-----\n"],
                "-----BEGIN KEY-----\r\n MIIEvAIBADAN\r\n",
                "-----BEGIN KEY-----\r\n <redacted>\r\n"
            ),
        ] as [([String], String, String)])
    func severalSecrets(secrets: [String], text: String, expected: String) throws {
        #expect(try redacted(text, rules(secrets)) == expected)
    }

    @Test func whetherASecretIsTakenIsSaid() {
        var rules = RedactionRules()
        for (secret, isTaken) in [
            ("12345678", true), ("a\n12345678", true), ("1234567", false), ("", false), ("a\nb", false),
            ("redacted>", false),
        ] {
            let result = rules.hide(secret: secret.utf8)
            #expect(result == isTaken, "\(secret)")
        }
        #expect("\(rules)\(String(reflecting: rules))" == "<redacted><redacted>")
        var dumped = ""
        dump(rules, to: &dumped)
        #expect(!dumped.contains("12345678"))
    }

    @Test(arguments: [63, 64, 65, 100, 128, 129, 5000]) func aLongSecretIsHiddenWhole(length: Int) {
        var random = Seeded(state: UInt64(length))
        let secret = (0..<length).map { _ in UInt8.random(in: 0x21...0x7E, using: &random) }
        var rules = RedactionRules()
        rules.hide(secret: secret)
        #expect(Redactor.redact(Array("<".utf8) + secret + Array(">".utf8), rules) == Array("<<redacted>>".utf8))
    }

    @Test func everyByteMayBeInASecret() {
        for first in UInt8.min...UInt8.max {
            let secret = [0x78] + (0..<8).map { first &+ $0 } + [0x79]
            guard !secret.contains(0x0A), !secret.contains(0x0D) else { continue }
            var rules = RedactionRules()
            rules.hide(secret: secret)
            #expect(Redactor.redact([0xFF] + secret + [0], rules) == [0xFF] + Array(Redactor.mark.utf8) + [0])
        }
    }

    @Test(
        arguments: [
            ("mysql://user:pa:ss@host/db", "mysql://user:<redacted>@host/db"),
            ("redis://:pass@[::1]:6379", "redis://:<redacted>@[::1]:6379"),
            ("https://u:p@ss@host?x=a@b", "https://u:<redacted>@host?x=a@b"),
            ("\"https:\\/\\/u:pass@host\\/\"", "\"https:\\/\\/u:<redacted>@host\\/\""),
            ("https://u:p@a, ftp://v:q@b", "https://u:<redacted>@a, ftp://v:<redacted>@b"),
            ("a://u:p@h:b://v:q@c", "a://u:<redacted>@h:b://v:<redacted>@c"),
        ]
            + [
                "https://host:8080/@scope/x", "ssh://git@host:22", "http://host:80 a@b", "https://u:@host", "a: b@c",
                "://u:p@h",
                "{\"a\":\"http://h:80\",\"b\":\"x@y\"}", "http:/u:p@h", "12:34:56 a=b", "http://h:80\nx@y",
            ].map { ($0, $0) })
    func urls(text: String, expected: String) throws {
        #expect(try redacted(text, rules()) == expected)
    }

    @Test(arguments: [
        ("Authorization: Bearer abc def\nnext", "Authorization: Bearer <redacted>\nnext"),
        ("> AUTHORIZATION:basic dXNlcg==\r\n", "> AUTHORIZATION:basic <redacted>\n"),
        ("proxy-authorization: abc", "proxy-authorization: <redacted>"), ("X-API-KEY: k", "X-API-KEY: <redacted>"),
        ("[HTTP_X_API_KEY] => k v", "[HTTP_X_API_KEY] => <redacted>"), ("x-api-key=k", "x-api-key=<redacted>"),
        (#"{"Authorization": "Bearer a\"b", "x": 1}"#, #"{"Authorization": "Bearer <redacted>", "x": 1}"#),
        (#"{\"authorization\":\"Basic abc\",\"x\":1}"#, #"{\"authorization\":\"Basic <redacted>\",\"x\":1}"#),
        (#"{"authorization":["Bearer abc"]}"#, #"{"authorization":["Bearer <redacted>"]}"#),
        ("'Authorization' => 'abc', 'x'", "'Authorization' => '<redacted>', 'x'"),
        ("\"Authorization: Bearer abc\"", "\"Authorization: Bearer <redacted>"),
        ("Authorization: Bearerabc d", "Authorization: <redacted>"),
        ("Authorization: Bearer", "Authorization: <redacted>"),
        ("Authorization:", "Authorization:"), ("Authorization:\nBearer abc", "Authorization:\nBearer abc"),
        ("preauthorization: x", "preauthorization: x"), ("authorizations: x", "authorizations: x"),
        ("Authorization failed", "Authorization failed"),
    ])
    func headers(text: String, expected: String) throws { #expect(try redacted(text, rules()) == expected) }

    @Test(
        arguments: [
            (["token=*"], "a token=abc,d e\ntoken=\n", "a token=<redacted> e\ntoken=\n"),
            (["\"pass\":\"*\""], "{\"pass\":\"abc\",\"x\":1}", "{\"pass\":\"<redacted>\",\"x\":1}"),
            (["\"pass\":\"*\""], "\"pass\":\"abc def\"", "\"pass\":\"<redacted> def\""),
            (["AKIA????"], "AKIA123 AKIA12345", "AKIA123 AKIA<redacted>5"),
            (["id [0-9][!0-9x]end"], "id 1aend id 11end id 1xend", "id <redacted>end id 11end id 1xend"),
            (["user*pass**;"], "user1pass2;3", "user<redacted>pass<redacted>;3"),
            (["plain"], "a plain b", "a <redacted> b"),
            (["a\\*b\\?"], "a*b? axb?", "<redacted> axb?"),
            (["x[]a]yz"], "x]yz xayz xbyz", "x<redacted>yz x<redacted>yz xbyz"),
            (["aab?"], "aaab1", "aaab<redacted>"), (["key=*", "e=a*z"], "key=abz q", "key=<redacted> q"),
        ] as [([String], String, String)])
    func globs(globs: [String], text: String, expected: String) throws {
        #expect(try redacted(text, rules(globs: globs)) == expected)
    }

    @Test(arguments: [
        "", "*", "ab", "ab*", "*token", "???", "abc[", "abc[]", "abc[z-a]", "abc\\", "abc\nd", "abc[\n]",
        String(repeating: "a", count: 257), String(repeating: "a", count: 65),
    ])
    func badGlobs(text: String) {
        #expect(throws: CharonError.self) { try RedactionGlob(text.utf8) }
    }

    // MARK: Chunks

    private static let secrets = [secret, "aaaaaaaab", "aaaaaaaa", String(repeating: "long", count: 40)]
    private static let usual = """
        12:00 start \(secret) end
        \(secret)\(secret)x s3cr3t/K s3cr3t/K+\naaaaaaaaaaaaabaaaaaaaaaa
        mysql://us:p@ss@host/db https:\\/\\/u:pw@h:80 http://h:80/ redis://:p@x,
        authorization: Bearer tok\(secret)en x
        {"a":{"Authorization": "Basic a\\"b","c":"\(secrets[3])"}} \\"x-api-key\\":\\"kk\\" => rest
        token=abc;def token=\t"pw":"x y" "pw":"zz",1 \(secrets[3])
        partly s3cr3t/K+y= authorization:    "token" and s3cr3t/K+y
        """

    private static func usualRules() throws -> RedactionRules {
        try rules(secrets, globs: ["token=*", "\"pw\":\"*\""])
    }

    @Test(arguments: [true, false]) func everySplitGivesTheSame(withRules: Bool) throws {
        let rules = withRules ? try Self.usualRules() : RedactionRules()
        let text = Array(Self.usual.utf8)
        let whole = Redactor.redact(text, rules)
        let result = String(decoding: whole, as: UTF8.self)
        if withRules { for secret in Self.secrets { #expect(!result.contains(secret)) } }
        #expect(whole.count { $0 == 0x0A } == text.count { $0 == 0x0A })
        for point in 0...text.count {
            #expect(redacted([text[..<point], [], text[point...]], rules) == whole, "split at \(point)")
        }
        #expect(redacted(text.map { [$0] }, rules) == whole)
    }

    @Test func randomTextsInRandomChunks() throws {
        let rules = try Self.usualRules()
        let words = Self.usual.split(separator: " ").map { Array($0.utf8) } + Self.secrets.map { Array($0.utf8) }
        var random = Seeded(state: 4)
        for _ in 0..<300 {
            var text: [UInt8] = []
            for _ in 0..<20 {
                let word = words.randomElement(using: &random) ?? []
                text += word.prefix(Int.random(in: 0...3, using: &random) == 0 ? word.count / 2 : word.count)
                if Bool.random(using: &random) {
                    text.append([0x20, 0x0A, 0x3A, 0xFF].randomElement(using: &random) ?? 0)
                }
            }
            let whole = Redactor.redact(text, rules)
            #expect(whole == plainlyRedacted(text, rules))
            var rest = text[...]
            var chunks: [ArraySlice<UInt8>] = []
            while !rest.isEmpty {
                let size = Int.random(in: 1...90, using: &random)
                chunks.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(redacted(chunks, rules) == whole)
        }
    }

    /// Secrets and texts of two letters, which overlap and touch in all ways.
    @Test func overlappingSecretsAreHiddenAsAPlainSearchFindsThem() {
        var random = Seeded(state: 44)
        for _ in 0..<150 {
            let secrets = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                (0..<Int.random(in: 8...80, using: &random)).map {
                    $0 % 9 < 8 ? 0x61 : UInt8.random(in: 0x61...0x62, using: &random)
                }
            }
            var text: [UInt8] = []
            while text.count < 400 {
                let secret = secrets.randomElement(using: &random) ?? []
                text += secret.dropFirst(Int.random(in: 0...6, using: &random) / 4)
                if Int.random(in: 0...3, using: &random) == 0 {
                    text.append(UInt8.random(in: 0x61...0x63, using: &random))
                }
                if Int.random(in: 0...9, using: &random) == 0 { text.append(0x0A) }
            }
            var rules = RedactionRules()
            for secret in secrets { rules.hide(secret: secret) }
            let cuts = (0..<8).map { _ in Int.random(in: 0...text.count, using: &random) }.sorted()
            let chunks = zip([0] + cuts, cuts + [text.count]).map { text[$0..<$1] }
            #expect(redacted(chunks, rules) == plainlySearched(text, secrets))
        }
    }

    /// Each byte of an occurrence becomes part of a mark; of a long secret its first and last 64 bytes are looked for.
    private func plainlySearched(_ text: [UInt8], _ secrets: [[UInt8]]) -> [UInt8] {
        var isHidden = [Bool](repeating: false, count: text.count)
        for secret in secrets {
            let pieces = secret.count > 64 ? [Array(secret.prefix(64)), Array(secret.suffix(64))] : [secret]
            for piece in pieces {
                for start in text.indices where text[start...].starts(with: piece) {
                    for index in start..<start + piece.count { isHidden[index] = true }
                }
            }
        }
        var result: [UInt8] = []
        for index in text.indices {
            if !isHidden[index] {
                result.append(text[index])
            } else if index == 0 || !isHidden[index - 1] {
                result += Array(Redactor.mark.utf8)
            }
        }
        return result
    }

    /// Byte by byte, so that nothing is skipped.
    private func plainlyRedacted(_ text: [UInt8], _ rules: RedactionRules) -> [UInt8] {
        redacted(text.map { [$0] }, rules)
    }

    @Test func whatMayBeASecretIsHeldBackAndGivenAtTheEnd() throws {
        var redactor = Redactor(try rules([Self.secret]))
        var given: [UInt8] = []
        Array("ask: s3cr".utf8).withUnsafeBytes { redactor.redact($0) { given += $0 } }
        #expect(given == Array("ask: ".utf8) && redactor.isHolding)
        redactor.redact(UnsafeRawBufferPointer(start: nil, count: 0)) { given += $0 }
        #expect(redactor.isHolding)
        redactor.finish { given += $0 }
        #expect(given == Array("ask: s3cr".utf8) && !redactor.isHolding)
    }

    @Test func onlyALittleIsHeldBack() throws {
        var redactor = Redactor(try Self.usualRules())
        var given = 0
        let text = Array(("http://u:" + String(repeating: "x", count: 20_000)).utf8)
        for byte in text { [byte].withUnsafeBytes { redactor.redact($0) { given += $0.count } } }
        #expect(given > 20_000 - 64)
        redactor.finish { given += $0.count }
        #expect(given == text.count)
    }

    /// Texts that make a careless search compare the same bytes again and again; the time is for the test's own limit.
    @Test(arguments: [
        "a", "aaaaaaa\n", "http://", "http://u:", "authorization:", "token=", "x-api-key=\\\\\"", "\"pw\":\"",
    ])
    func hostileTexts(unit: String) throws {
        let text = Array(String(repeating: unit, count: 200_000 / unit.utf8.count).utf8)
        let result = Redactor.redact(text, try Self.usualRules())
        #expect(result.count <= text.count * 2)
    }
}
