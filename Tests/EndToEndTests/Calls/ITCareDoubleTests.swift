import CharonCore
import Testing

/// The double of ITCare is strict: otherwise tests against it show nothing.
struct ITCareDoubleTests {
    typealias Request = StubServer.Request

    private static let basic = "Basic aWQ6cCU0MHNz"  // id:p%40ss
    private static let form = "application/x-www-form-urlencoded"

    private var itcare: ITCareDouble {
        ITCareDouble(
            clientID: "id", clientSecret: "p@ss", actionPath: "/act", operationPath: "/ops", operationField: "op",
            statusField: "state", dryRunHeader: "X-Try")
    }

    @Test(arguments: [
        (
            Request(
                "POST", "/token", ["Authorization": basic, "Content-Type": form], body: "grant_type=client_credentials"),
            "200"
        ),
        (Request("GET", "/token", ["Authorization": basic]), "405 fault"),
        (Request("POST", "/token", ["Content-Type": form], body: "grant_type=client_credentials"), "401 fault"),
        (
            Request(
                "POST", "/token", ["Authorization": "Basic aWQ6cEBzcw==", "Content-Type": form], body: "grant_type=x"),
            "400 fault"
        ),
        (
            Request(
                "POST", "/token", ["Authorization": "Basic aWQ6bm8=", "Content-Type": form],
                body: "grant_type=client_credentials"), "401 fault"
        ),
        (Request("POST", "/token", ["Authorization": "Basic no base64", "Content-Type": form]), "401 fault"),
        (
            Request("POST", "/token", ["Authorization": basic, "Content-Type": "application/json"], body: "{}"),
            "415 fault"
        ),
        (
            Request(
                "POST", "/token?x=1", ["Authorization": basic, "Content-Type": form],
                body: "grant_type=client_credentials"), "400 fault"
        ),
        (
            Request(
                "POST", "/token", ["Authorization": basic, "Content-Type": form],
                body: "grant_type=client_credentials&client_id=id"), "400 fault"
        ),
        (
            Request(
                "POST", "/token", ["Authorization": basic, "Content-Type": form],
                body: "grant_type=refresh_token&refresh_token=x"), "400 fault"
        ),
        (Request("POST", "/act", ["Content-Type": "application/json"], body: "{}"), "401 fault"),
        (Request("POST", "/act", ["Authorization": "Bearer made-up"], body: "{}"), "401 fault"),
    ])
    func itcareRefuses(_ request: Request, _ expected: String) {
        var api = itcare
        #expect(api.verdict(request) == expected)
    }

    @Test func itcareTracksAnOperation() throws {
        var api = itcare
        api.givesRefreshTokens = true
        let ask = Request(
            "POST", "/token", ["Authorization": Self.basic, "Content-Type": Self.form],
            body: "grant_type=client_credentials")
        let answer = api.judge(ask).answer.json
        #expect(answer["token_type"] == "Bearer" && answer["expires_in"] == 300)
        let token = try #require(answer["access_token"]?.string)
        let headers: KeyValuePairs = [
            "Authorization": "Bearer \(token)", "Accept": "application/json", "Content-Type": "application/json",
        ]
        let poll = Request("GET", "/ops/op%2F1%20%C3%A9", headers)
        let act = Request("POST", "/act", headers, body: "{}")
        #expect(api.verdict(poll) == "404 fault")
        let started = api.judge(act).answer
        #expect(started.status == 202 && started.json["op"] == "op/1 é")
        #expect(
            (0..<3).map { _ in api.judge(poll).answer.json["state"]?.string } == [
                "IN_PROGRESS", "IN_PROGRESS", "SUCCESS",
            ])
        let token2 = "Bearer \(token)"
        #expect(
            api.verdicts([
                Request("GET", "/ops/op/1", headers), Request("PUT", "/act", headers, body: "{}"),
                Request("POST", "/act", headers, body: "[]"),
                Request("POST", "/act", ["Authorization": token2, "Accept": "application/json"], body: "{}"),
                Request("POST", "/act", ["Authorization": token2, "Content-Type": "application/json"], body: "{}"),
                Request("GET", "/list?from=2026-11-22T01:02:03%2B0100", headers),
                Request("GET", "/list?from=2026-11-22T01:02:03+0100", headers),
                Request("GET", "/list?from=2026-11-22T01:02:03Z", headers),
                Request("GET", "/ops/op%2F1%20é", headers),
                Request("POST", "/act", ["Authorization": token], body: "{}"),
            ]) == [
                "404 fault", "405 fault", "400 fault", "415 fault", "406 fault", "200", "400 fault", "400 fault",
                "400 fault", "401 fault",
            ])
        let dry = Request(
            "POST", "/act",
            [
                "Authorization": token2, "Accept": "application/json", "Content-Type": "application/json",
                "x-try": "yes",
            ], body: "{}")
        let validated = api.judge(dry).answer
        #expect(validated.status == 200 && validated.head.contains("X-Try: yes\r\n") && api.actions.count == 1)
        api.expireTokens()
        #expect(api.verdict(act) == "401")
        let refresh = try #require(answer["refresh_token"]?.string)
        let again = Request(
            "POST", "/token", ["Authorization": Self.basic, "Content-Type": Self.form],
            body: "grant_type=refresh_token&refresh_token=\(refresh)")
        #expect(api.verdicts([again, again]) == ["200", "401"])
        #expect(api.grants == ["client_credentials", "refresh_token"])
    }
}
