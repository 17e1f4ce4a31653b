import CharonCore
import Testing

/// The double of Actito is strict: otherwise tests against it show nothing.
struct ActitoDoubleTests {
    private typealias Request = StubServer.Request

    @Test func actitoKnowsKeyFromToken() throws {
        var api = ActitoDouble(key: "the-key", answers: ["/v5/entities/a b/etls": ["etls": []]])
        let json: KeyValuePairs = ["Authorization": "the-key", "Accept": "application/json"]
        #expect(
            api.verdicts([
                Request("GET", "/auth/token", ["Authorization": "Bearer the-key", "Accept": "application/json"]),
                Request("GET", "/auth/token", ["Authorization": "the-key", "Accept": "*/*"]),
                Request("POST", "/auth/token", json), Request("GET", "/auth/token?key=the-key", json),
                Request("GET", "/auth/token", ["Authorization": "other", "Accept": "application/json"]),
            ]) == ["401 fault", "406 fault", "405 fault", "405 fault", "401 fault"])
        let answer = api.judge(Request("GET", "/auth/token", json)).answer.json
        #expect(answer["expiresIn"] == "900s" && answer["tokenType"] == "bearer")
        let token = try #require(answer["accessToken"]?.string)
        let bearer: KeyValuePairs = ["Authorization": "Bearer \(token)"]
        #expect(
            api.verdicts([
                Request("GET", "/v5/entities/a%20b/etls", bearer),
                Request("GET", "/v5/entities/a%20b/etls", ["Authorization": "bearer \(token)"]),
                Request("GET", "/v5/entities/a%20b/etls", ["Authorization": token]),
                Request(
                    "GET", "/v5/entities/a%20b/etls", ["Authorization": "Bearer \(token)", "X-Key": "the-key"]),
                Request("GET", "/v5/entities/a%20b/etls?k=the-key", bearer), Request("GET", "/v6/entities", bearer),
                Request("POST", "/v5/entities/a%20b/etls", bearer), Request("GET", "/v4/none", bearer),
            ]) == [
                "200", "401 fault", "401 fault", "401 fault", "401 fault", "404 fault", "405 fault", "404",
            ])
        api.revokeTokens()
        #expect(api.verdict(Request("GET", "/v5/entities/a%20b/etls", bearer)) == "401")
    }
}
