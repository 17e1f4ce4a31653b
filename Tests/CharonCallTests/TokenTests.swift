import CharonCore
import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import CharonCall

@Suite struct TokenTests {
    static let oauth =
        "auth: {kind: oauth2_client_credentials, url: /token, client_id: \"a b\", client_secret: \"{{secret}}\", scope: read}\n"

    private func scheme(_ auth: String) throws -> TokenScheme {
        let file = try Reading.file(
            "base_url: http://localhost\nvariables: {secret: {environment: S}}\n\(auth)request: {path: /}\n")
        guard case .token(let scheme) = file.auth else { throw CallFailure(.configuration, "no token") }
        return scheme
    }

    private let values = Reading.values([:], secret: ["secret": "s:é/+"])

    @Test func clientCredentialsGoByBasic() throws {
        let request = try scheme(Self.oauth).prepare(base: Reading.base(), values)
        #expect((request.method, request.url) == (.post, "http://127.0.0.1:9/api/token"))
        // a+b:s%3A%C3%A9%2F%2B, as RFC 6749, 2.3.1 has it.
        #expect(request.headers[.authorization] == "Basic " + Base64.encode("a+b:s%3A%C3%A9%2F%2B"))
        #expect(request.body == .bytes(Array("grant_type=client_credentials&scope=read".utf8)))
        let plain = try scheme(Self.oauth.replacing("scope: read", with: "form_encoded: false")).prepare(
            base: Reading.base(), values)
        #expect(plain.headers[.authorization] == "Basic " + Base64.encode("a b:s:é/+"))
        let refresh = try scheme(Self.oauth).prepare(base: Reading.base(), values, refresh: "r+1")
        #expect(refresh.body == .bytes(Array("grant_type=refresh_token&refresh_token=r%2B1".utf8)))
        #expect(refresh.headers[.authorization] == request.headers[.authorization])
    }

    @Test func aKeyIsSentAsItIs() throws {
        let scheme = try scheme(
            "auth: {kind: key_exchange, url: \"https://auth.example.org/auth/token\", key: \"{{secret}}\", token: /accessToken}\n"
        )
        let request = try scheme.prepare(base: Reading.base(), Reading.values([:], secret: ["secret": "key-1"]))
        #expect((request.method, request.url) == (.get, "https://auth.example.org/auth/token"))
        #expect(request.headers[.authorization] == "key-1")
        #expect(request.headers[.accept] == "application/json")
        #expect(request.body == .none)
        #expect(scheme.scheme == "Bearer")
    }

    @Test func aTokenURLInTheClearIsRefused() throws {
        let scheme = try scheme("auth: {kind: login, url: \"http://auth.example.org/t\", token: /t}\n")
        let failure = #expect(throws: CallFailure.self) { try scheme.prepare(base: Reading.base(), values) }
        #expect(failure?.exit == .configuration)
    }

    @Test(arguments: [
        ("{\"t\": \"x\", \"e\": \"900s\"}", 900.0), ("{\"t\": \"x\", \"e\": 3600}", 3600),
        ("{\"t\": \"x\", \"e\": \"60\"}", 60),
        ("{\"t\": \"x\", \"e\": 12.5}", 12), ("{\"t\": \"x\", \"e\": \"15m\"}", 900), ("{\"t\": \"x\"}", 300),
        ("{\"t\": \"x\", \"e\": \"soon\"}", 300),
        ("{\"t\": \"x\", \"e\": 0}", 300), ("{\"t\": \"x\", \"e\": null}", 300),
    ])
    func aLifetimeHasManyForms(_ body: String, _ seconds: Double) throws {
        let scheme = try scheme("auth: {kind: login, url: /t, token: /t, expires_in: /e}\n")
        let issued = Instant(seconds: 1_000_000)
        let token = try scheme.token(in: .json(200, body), issued: issued, refresh: nil)
        #expect(token.expires.seconds(since: issued) == seconds)
    }

    @Test(arguments: ["{}", "{\"t\": 1}", "{\"t\": \"\"}", "{\"t\": \"a\\nb\"}", "<html>"])
    func anAnswerWithoutATokenIsNone(_ body: String) throws {
        let scheme = try scheme("auth: {kind: login, url: /t, token: /t}\n")
        let failure = #expect(throws: CallFailure.self) {
            try scheme.token(in: .json(200, body), issued: Instant(seconds: 0), refresh: nil)
        }
        #expect(failure?.exit == .authentication)
    }

    @Test(arguments: [(900, 869, true), (900, 870, false), (10, 8, true), (10, 9, false)])
    func aTokenIsRenewedBeforeItEnds(_ lifetime: Int64, _ after: Int64, _ isFresh: Bool) {
        let token = Token("x", issued: Instant(seconds: 1000), lifetime: .seconds(lifetime))
        #expect(token.isFresh(at: Instant(seconds: 1000 + after)) == isFresh)
    }

    @Test func aTokenIsKeptAsJSON() {
        let token = Token("x", refresh: "y", issued: Instant(seconds: 1000), lifetime: .seconds(900))
        #expect(Token(token.json) == token)
        #expect(Token(["version": 2, "token": "x"]) == nil)
    }
}

@Suite struct TokenCacheTests {
    private let token = Token("tok", issued: .now(), lifetime: .seconds(900))

    @Test func itIsForThisUserAlone() throws {
        let place = try Place()
        let cache = try TokenCache(directory: "\(place.path)/deep/down")
        let path = cache.path(["kind", "secret"])
        try cache.write(token, path)
        #expect(cache.read(path) == token)
        for (path, mode) in [(cache.directory, UInt32(0o700)), (path, 0o600), ("\(cache.directory)/salt", 0o600)] {
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o7777 == mode, "\(path)")
        }
        #expect(!path.contains("secret"))
        #expect(cache.path(["kind", "secret"]) == path)
        #expect(cache.path(["kinds", "ecret"]) != path)
        let other = try TokenCache(directory: "\(place.path)/other")
        #expect(!other.path(["kind", "secret"]).hasSuffix(path.split(separator: "/").last ?? ""))
    }

    @Test func whatOthersCouldHaveWrittenIsNotRead() throws {
        let place = try Place()
        let cache = try TokenCache(directory: "\(place.path)/c")
        let path = cache.path(["a"])
        try cache.write(token, path)
        chmod(path, 0o644)
        #expect(cache.read(path) == nil)
        chmod(cache.directory, 0o755)
        #expect(throws: SystemError.self) { try TokenCache(directory: "\(place.path)/c") }
        chmod(cache.directory, 0o700)
        symlink(cache.directory, "\(place.path)/link")
        #expect(throws: SystemError.self) { try TokenCache(directory: "\(place.path)/link") }
    }

    @Test func aBrokenFileIsNoToken() throws {
        let place = try Place()
        let cache = try TokenCache(directory: "\(place.path)/c")
        try place.write("c/a", "{\"token\":")
        #expect(cache.read("\(cache.directory)/a") == nil)
        #expect(cache.read("\(cache.directory)/b") == nil)
    }

    @Test func aLockIsHeldByOne() throws {
        let place = try Place()
        let cache = try TokenCache(directory: "\(place.path)/c")
        let path = cache.path(["a"])
        var first = try cache.lock(path)
        #expect(first != nil)
        #expect(try cache.lock(path) == nil)
        #expect(first != nil)
        first = nil
        #expect(try cache.lock(path) != nil)
    }

    @Test(arguments: [
        (["CACHE_DIRECTORY": "/c:/d", "XDG_CACHE_HOME": "/x"], "/c/charon-call"),
        (["XDG_CACHE_HOME": "/x"], "/x/charon-call"),
        (["HOME": "/tmp"], "/tmp/.cache/charon-call"),
        (["HOME": "/nonexistent", "TMPDIR": "/t"], "/t/charon-call-\(geteuid())"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/tmp"], "/tmp/.cache/charon-call"),
    ])
    func itsPlaceIsThatOfTheEnvironment(_ environment: [String: String], _ path: String) {
        #expect(TokenCache.place { environment[$0] } == path)
    }
}

@Suite struct AuthenticatorTests {
    private func authenticator(_ script: any Transport, _ cache: TokenCache?, auth: String = TokenTests.oauth) throws
        -> Authenticator
    {
        let file = try Reading.file(
            "base_url: http://localhost\nvariables: {secret: {environment: S}}\n\(auth)request: {path: /}\n")
        guard case .token(let scheme) = file.auth else { throw CallFailure(.configuration, "no token") }
        var retry = Retry()
        retry.backoffSeconds = 0
        return Authenticator(
            scheme, base: try Reading.base(), Reading.values([:], secret: ["secret": "s"]), timeout: .seconds(5),
            retry: retry,
            transport: script, cache: cache, say: { _ in }, hide: { _ in })
    }

    private static func answer(_ token: String, refresh: String? = nil) -> Result<Answer, TransportFailure> {
        .success(
            .json(
                200,
                JSON(
                    dictionaryLiteral: ("access_token", .string(token)), ("expires_in", 900),
                    ("refresh_token", refresh.map { .string($0) })
                ).description))
    }

    @Test func aKeptTokenIsUsedUntilItIsRefused() async throws {
        let place = try Place()
        let script = Script([Self.answer("one"), Self.answer("two")])
        let authenticator = try authenticator(script, try TokenCache(directory: "\(place.path)/c"))
        let first = try await authenticator.token(refused: nil)
        #expect(try await authenticator.token(refused: nil) == first)
        let second = try await authenticator.token(refused: first)
        #expect(second.value == "two")
        // Another process that holds the old one finds the new one.
        #expect(try await authenticator.token(refused: first).value == "two")
        #expect(await script.sent.count == 2)
    }

    @Test func aRefreshTokenIsUsedAndReplaced() async throws {
        let place = try Place()
        let script = Script([
            Self.answer("one", refresh: "r1"), Self.answer("two"), .success(.json(400, "{}")), Self.answer("three"),
        ])
        let authenticator = try authenticator(script, try TokenCache(directory: "\(place.path)/c"))
        var token = try await authenticator.token(refused: nil)
        token = try await authenticator.token(refused: token)
        #expect((token.value, token.refresh) == ("two", "r1"))
        token = try await authenticator.token(refused: token)
        #expect((token.value, token.refresh) == ("three", nil))
        let bodies = await script.sent.map { request in
            if case .bytes(let bytes) = request.body { String(decoding: bytes.prefix(24), as: UTF8.self) } else { "" }
        }
        #expect(
            bodies == [
                "grant_type=client_creden", "grant_type=refresh_token", "grant_type=refresh_token",
                "grant_type=client_creden",
            ])
    }

    @Test(arguments: [(400, 77), (401, 77), (403, 77), (404, 77), (500, 76), (502, 76)])
    func aRefusalHasItsExitCode(_ status: Int, _ exit: Int32) async throws {
        let authenticator = try authenticator(Script([.success(.json(status, "no"))]), nil)
        let failure = await #expect(throws: CallFailure.self) { try await authenticator.token(refused: nil) }
        #expect(failure?.exit.rawValue == exit)
    }

    @Test func anUnreachableServerIsTriedAgain() async throws {
        let script = Script([
            .failure(.notSent("a")), .failure(.lost("b")), .success(.json(503, "")), Self.answer("one"),
        ])
        #expect(try await authenticator(script, nil).token(refused: nil).value == "one")
        let failure = await #expect(throws: CallFailure.self) {
            try await authenticator(Script([]), nil).token(refused: nil)
        }
        #expect(failure?.exit == .unreachable)
    }

    @Test func twoAtOnceAskForOneToken() async throws {
        let place = try Place()
        let script = Script([Self.answer("one"), Self.answer("two")])
        let cache = try TokenCache(directory: "\(place.path)/c")
        let authenticator = try authenticator(script, cache)
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await authenticator.token(refused: nil).value } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens == ["one"])
        #expect(await script.sent.count == 1)
    }
}
