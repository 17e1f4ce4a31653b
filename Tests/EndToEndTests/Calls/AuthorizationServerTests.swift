import CharonCore
import Testing

/// OAuth 2.0 against an authorization server that nobody here wrote: Authlib under Flask.
@Suite(.serialized)
struct AuthorizationServerTests {
    /// Python with Authlib and Flask, which `.ci/install ci` installs.
    private static let python = "\(Programs.repository)/.build/python/bin/python"

    private static func isInstalled() async -> Bool {
        guard let place = try? Scratch() else { return false }
        defer { place.remove() }
        return (try? await output([python, "-c", "import authlib, flask"], in: place.path)) != nil
    }

    /// The server, with this secret and tokens that live so many seconds, and its URL.
    private static func serve(_ site: Site, secret: String, lifetime: Int) async throws -> (Spawned, url: String) {
        let server = try Spawned(
            [python, "\(Programs.repository)/Tests/Support/authorization_server.py", "client", "\(lifetime)"],
            in: site.path, environment: ["CLIENT_SECRET": secret, "PYTHONDONTWRITEBYTECODE": "1"], name: "oauth")
        let port = try await eventually("the authorization server: \(server.standardError)") {
            guard server.exitCode == nil else { throw Failed("authorization server: \(server.standardError)") }
            return server.standardOutput.firstMatch(of: /^port (\d+)\n/).map { String($0.1) }
        }
        return (server, "http://127.0.0.1:\(port)")
    }

    private static func file(_ site: Site, _ url: String, _ more: String = "") throws -> String {
        try site.callFile(
            """
            base_url: "\(url)"
            variables: {secret: {environment: OAUTH_CLIENT_SECRET}}
            auth:
              kind: oauth2_client_credentials
              url: /token
              client_id: client
              client_secret: "{{secret}}"
              scope: jobs
            \(more)
            request: {path: /jobs}
            values: {first: /jobs/0}
            output: ["first {{first}}"]
            """)
    }

    /// What the server did, in its own words.
    private static func deeds(_ server: Spawned) -> [String] {
        Array(server.standardOutput.split(separator: "\n").map(String.init).dropFirst())
    }

    @Test(.enabled("Authlib and Flask are not installed (.ci/install ci)") { await isInstalled() })
    func aTokenIsFetchedKeptAndRefreshed() async throws {
        try await Site.calling { site in
            let secret = "real-client-s3cret"
            let (server, url) = try await Self.serve(site, secret: secret, lifetime: 3)
            let file = try Self.file(site, url)
            let environment = ["OAUTH_CLIENT_SECRET": secret]
            let first = try await site.call(file, environment: environment)
            #expect(first.exitCode == 0, "\(first.everything)\(server.standardError)")
            #expect(first.lines("info").contains { $0.contains("first nightly") })
            expectHidden([secret], in: first)
            #expect(Self.deeds(server) == ["granted client_credentials jobs", "served"])
            var count = 1
            // Until the token has expired, and is refreshed rather than fetched anew.
            try await eventually("a refreshed token: \(server.standardOutput)") {
                count += 1
                let again = try await site.call(file, environment: environment, count: count)
                #expect(again.exitCode == 0, "\(again.everything)\(server.standardError)")
                return Self.deeds(server).contains { $0.hasPrefix("granted refresh_token ") }
            }
            #expect(Self.deeds(server).count { $0.hasPrefix("granted client_credentials") } == 1)
            #expect(Self.deeds(server).count { $0 == "served" } == count)
        }
    }

    @Test(.enabled("Authlib and Flask are not installed (.ci/install ci)") { await isInstalled() })
    func aWrongSecretIsRefusedOnce() async throws {
        try await Site.calling { site in
            let (server, url) = try await Self.serve(site, secret: "real-client-s3cret", lifetime: 60)
            let end = try await site.call(
                try Self.file(site, url), environment: ["OAUTH_CLIENT_SECRET": "wr0ng-secret"])
            #expect(end.exitCode == 77 && Self.deeds(server) == ["refused 401"], "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains("invalid_client") }, "\(end.everything)")
            expectHidden(["wr0ng-secret"], in: end)
        }
    }

    /// This server, like others, takes a secret as it is, where RFC 6749, 2.3.1 has it encoded first.
    @Test(
        .enabled("Authlib and Flask are not installed (.ci/install ci)") { await isInstalled() },
        arguments: [true, false])
    func aSecretWithOtherCharactersGoesAsTheFileSays(isFormEncoded: Bool) async throws {
        try await Site.calling { site in
            let secret = "with +%: and é"
            let (_, url) = try await Self.serve(site, secret: secret, lifetime: 60)
            let file = try Self.file(site, url, "  form_encoded: \(isFormEncoded)")
            let end = try await site.call(file, environment: ["OAUTH_CLIENT_SECRET": secret])
            #expect(end.exitCode == (isFormEncoded ? 77 : 0), "\(end.everything)")
            expectHidden([secret], in: end)
        }
    }
}
