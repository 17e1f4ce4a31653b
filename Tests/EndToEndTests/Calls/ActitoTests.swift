import CharonCore
import Testing

/// The ready-made files for Actito against its double: a key that buys a token, and goes nowhere else.
@Suite(.serialized)
struct ActitoTests {
    private static let key = "actito-raw-key-0123456789"
    private static let environment = ["ACTITO_API_KEY": key]

    private static func double() throws -> Listening<ActitoDouble> {
        let answers: [String: JSON] = [
            "/v5/entities/my shop/é/etls": ["etls": [["name": "nightly"]]], "/v4/entity/shop/profiles": ["profiles": 7],
        ]
        return try Listening(ActitoDouble(key: key, answers: answers))
    }

    @Test func theETLsOfAnEntity() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.answers["/v5/entities/my shop/etls"] = ["etls": [["name": "nightly"]]] }
            let words = ["url=\(double.url)", "entity=my shop"]
            let end = try await site.call("actito-etls", words, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(end.lines("info").contains { $0.contains("nightly") } && end.lines("success").count == 1)
            expectHidden([Self.key] + double.api.tokens.all, in: end)
            #expect(double.requests.map(\.path) == ["/auth/token", "/v5/entities/my%20shop/etls"])
        }
    }

    @Test func anyRoute() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            for (count, path) in ["/v4/entity/shop/profiles", "/v5/entities/my shop/é/etls"].enumerated() {
                let end = try await site.call(
                    "actito-get", ["url=\(double.url)", "path=\(path)"], environment: Self.environment, count: count + 1
                )
                #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
                #expect(end.lines("info").contains { $0.contains(count == 0 ? "profiles" : "nightly") })
            }
            // One token for both.
            #expect(double.api.tokens.count == 1)
        }
    }

    @Test func aRouteThatIsNotThereIsRefused() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = ["url=\(double.url)", "path=/v5/nothing"]
            let end = try await site.call("actito-get", words, environment: Self.environment)
            #expect(end.exitCode == 76 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(end.lines("error").contains { $0.contains("404") && $0.contains("no such path") })
        }
    }

    @Test func aRevokedTokenIsRenewedOnceAndAWrongKeyIsNotTriedAgain() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = ["url=\(double.url)", "path=/v4/entity/shop/profiles"]
            #expect(try await site.call("actito-get", words, environment: Self.environment).exitCode == 0)
            double.change { $0.expireTokens() }
            #expect(try await site.call("actito-get", words, environment: Self.environment, count: 2).exitCode == 0)
            #expect(double.api.tokens.count == 2 && double.faults == [])
            double.change {
                $0.revokeTokens()
                $0.giveStillbornTokens(5)
            }
            let refused = try await site.call("actito-get", words, environment: Self.environment, count: 3)
            #expect(refused.exitCode == 77 && double.api.tokens.count == 3 && double.faults == [])
            let wrong = try await site.call(
                "actito-get", words, environment: ["ACTITO_API_KEY": "an0ther-key"], count: 4)
            #expect(wrong.exitCode == 77)
            #expect(double.faults == ["GET /auth/token: the key is not the value of Authorization"])
            expectHidden(["an0ther-key", Self.key] + double.api.tokens.all, in: wrong)
        }
    }

    @Test func aServerThatIsAwayIsUnreachable() async throws {
        try await Site.calling { site in
            let file = try site.changed("actito-get", ["backoffSeconds: 2": "backoffSeconds: 0.01"])
            let end = try await site.call(
                file, ["url=http://127.0.0.1:1", "path=/v5/x"], environment: Self.environment)
            #expect(end.exitCode == 69, "\(end.everything)")
            #expect(end.lines("warning").count == 3 && end.lines("error").contains { $0.contains("127.0.0.1:1") })
            expectHidden([Self.key], in: end)
        }
    }

    /// A secret in the arguments could be read by everyone on the host.
    @Test func theKeyIsNotTakenFromTheCommandLine() async throws {
        try await Site.calling { site in
            let end = try await site.call("actito-get", ["url=http://127.0.0.1:1", "path=/v5/x", "key=abc"])
            #expect([64, 78].contains(end.exitCode), "\(end.everything)")
            let missing = try await site.call("actito-get", ["url=http://127.0.0.1:1", "path=/v5/x"], count: 2)
            #expect(missing.exitCode == 78 && missing.everything.contains("ACTITO_API_KEY"), "\(missing.everything)")
        }
    }
}
