import CharonCore
import Testing

/// The doubles are as strict as the documentation that they were written from: otherwise tests against them show nothing.
struct DoubleTests {
    typealias Request = StubServer.Request

    /// The statuses of some requests, one after the other, and whether each was a fault of the client.
    private func verdicts(_ api: inout some APIDouble, _ requests: [Request]) -> [String] {
        requests.map { request in
            let (answer, fault) = api.judge(request)
            return "\(answer.status)\(fault == nil ? "" : " fault")"
        }
    }

    private func verdict(_ api: inout some APIDouble, _ request: Request) -> String { verdicts(&api, [request])[0] }

    // MARK: ITCare

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
        #expect(verdict(&api, request) == expected)
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
        #expect(verdict(&api, poll) == "404 fault")
        let started = api.judge(act).answer
        #expect(started.status == 202 && started.json["op"] == "op/1 é")
        #expect(
            (0..<3).map { _ in api.judge(poll).answer.json["state"]?.string } == [
                "IN_PROGRESS", "IN_PROGRESS", "SUCCESS",
            ])
        let token2 = "Bearer \(token)"
        #expect(
            verdicts(
                &api,
                [
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
        #expect(verdict(&api, act) == "401")
        let refresh = try #require(answer["refresh_token"]?.string)
        let again = Request(
            "POST", "/token", ["Authorization": Self.basic, "Content-Type": Self.form],
            body: "grant_type=refresh_token&refresh_token=\(refresh)")
        #expect(verdicts(&api, [again, again]) == ["200", "401"])
        #expect(api.grants == ["client_credentials", "refresh_token"])
    }

    // MARK: Actito

    @Test func actitoKnowsKeyFromToken() throws {
        var api = ActitoDouble(key: "the-key", answers: ["/v5/entities/a b/etls": ["etls": []]])
        let json: KeyValuePairs = ["Authorization": "the-key", "Accept": "application/json"]
        #expect(
            verdicts(
                &api,
                [
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
            verdicts(
                &api,
                [
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
        #expect(verdict(&api, Request("GET", "/v5/entities/a%20b/etls", bearer)) == "401")
    }

    // MARK: Cegid Loop

    static let subscription = """
        {"domain": "d", "suspended": false, "topics": ["queuing.cpa.comptabilite"], "keyFilters": [{"key": "F1"}],
         "applicationId": "a", "sink": {"type": "AWS S3",
         "credentials": {"accessKeyId": "i", "secretAccessKey": "s", "region": "r"},
         "options": {"bucketName": "b", "folderName": "f"},
         "retryPolicy": {"maxRetries": 2, "backoffSeconds": 1, "backoffMultiplier": 1}}}
        """

    private var cegid: CegidLoopDouble {
        CegidLoopDouble(
            subscriptionKey: "sk", apiKey: "ak", suspend: .init(method: "PATCH", path: "/s/1"),
            delete: .init(method: "DELETE", path: "/s/1"))
    }

    @Test func cegidWantsBothKeysAndReads() {
        var api = cegid
        let keys: KeyValuePairs = [
            "Ocp-Apim-Subscription-Key": "sk", "x-apikey": "ak", "Content-Type": "application/json",
        ]
        let create = Request("POST", "/loop-api-publiques/subscriptions", keys, body: Self.subscription)
        let made = api.judge(create)
        #expect(made.answer.status == 201 && made.fault == nil && made.answer.json["id"] == "sub-1", "\(made)")
        #expect(made.answer.head.contains("requestid: ") && made.answer.head.contains("x-request-id: "))
        let read = "/loop-api-publiques/subscriptions"
        #expect(
            verdicts(
                &api,
                [
                    Request("GET", read, ["Ocp-Apim-Subscription-Key": "sk"]), Request("GET", read, ["x-apikey": "ak"]),
                    Request("GET", read, ["Ocp-Apim-Subscription-Key": "ak", "x-apikey": "sk"]),
                    Request("GET", "\(read)?id=sub-1&domain=d&topic=queuing.cpa.comptabilite", keys),
                    Request("GET", "\(read)?key=1", keys), Request("GET", "/subscriptions", keys),
                    Request("POST", read, ["Ocp-Apim-Subscription-Key": "sk", "x-apikey": "ak"], body: "{}"),
                    Request("PATCH", "/loop-api-publiques/s/1", keys, body: "{}"),
                    Request("DELETE", "/loop-api-publiques/s/1", keys), Request("PUT", "/loop-api-publiques/s/1", keys),
                ]) == [
                    "401 fault", "401 fault", "401 fault", "200", "400 fault", "404 fault", "415 fault", "200", "204",
                    "404 fault",
                ])
        #expect(api.judge(Request("GET", "\(read)?id=none", keys)).answer.json == [])
        api.failure = (500, "no")
        #expect(verdict(&api, create) == "500" && api.subscriptions.count == 1)
    }

    @Test(arguments: [
        (#""domain": "d""#, #""domain": 1"#), (#""suspended": false"#, #""suspended": "false""#),
        (#"["queuing.cpa.comptabilite"]"#, "[]"), (#""key": "F1""#, #""key": "F1", "status": "done""#),
        (#""applicationId": "a""#, #""other": "a""#), ("AWS S3", "FTP"), ("AWS S3", "Azure Blob Storage"),
        (#""region": "r""#, #""zone": "r""#), (#""folderName": "f""#, #""folderName": """#),
        (#""maxRetries": 2"#, #""maxRetries": "2""#), (#""maxRetries": 2, "#, ""),
    ])
    func cegidReadsEveryField(_ good: String, _ bad: String) {
        var api = cegid
        let keys: KeyValuePairs = [
            "Ocp-Apim-Subscription-Key": "sk", "x-apikey": "ak", "Content-Type": "application/json",
        ]
        let body = Self.subscription.replacing(good, with: bad)
        let create = Request("POST", "/loop-api-publiques/subscriptions", keys, body: body)
        #expect(body != Self.subscription && verdict(&api, create) == "400 fault" && api.subscriptions.isEmpty)
    }

    // MARK: Project Monitor

    private static let root = "/MonitorMakerWeb/api"
    private var monitor: ProjectMonitorDouble { ProjectMonitorDouble(login: "jo", password: "pw", key: "pk") }

    private static func part(_ name: String, _ value: String, file: String? = nil) -> String {
        let suffix = file.map { "; filename=\"\($0)\"" } ?? ""
        return "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\(suffix)\r\n\r\n\(value)\r\n"
    }

    @Test func projectMonitorTakesARawTokenOrAKey() throws {
        var api = monitor
        let login: KeyValuePairs = ["X-PM-LOGIN": "jo", "X-PM-PASSWORD": "pw", "Accept": "application/json"]
        let ask = "\(Self.root)/auth/jwt/token"
        let answer = api.judge(Request("GET", ask, login)).answer
        #expect(answer.head.contains("application/json;charset=UTF-8"))
        let token = try #require(answer.json["token"]?.string)
        let list = "\(Self.root)/projects/;year=2012;country=germany"
        func get(_ path: String, _ name: String, _ value: String, accept: String = "application/json") -> Request {
            Request("GET", path, [name: value, "Accept": accept])
        }
        #expect(
            verdicts(
                &api,
                [
                    Request("POST", ask, login),
                    Request("GET", ask, ["X-PM-LOGIN": "jo", "X-PM-PASSWORD": "no", "Accept": "application/json"]),
                    Request("GET", ask, ["X-PM-LOGIN": "jo", "X-PM-PASSWORD": "pw"]),
                    get(list, "Authorization", token), get(list, "Authorization", "Bearer \(token)"),
                    get(list, "Authorization", token, accept: "text/csv"), get(list, "X-PM-API-KEY", "pk"),
                    get(list, "X-PM-API-KEY", "no"), get(list, "Authorization", "Basic cGs6eA=="),
                    get(list, "Authorization", "Basic eDpwaw=="), get("\(list)?apikey=pk", "X", "x"),
                    get(list, "X", "x"),
                    get("\(Self.root)/projects/;from=2026-01-31T00:00:00", "X-PM-API-KEY", "pk"),
                    get("\(Self.root)/projects/;from=2026-01-31T00:00", "X-PM-API-KEY", "pk"),
                    get("\(Self.root)/projects/;attributs=2026-01-31T00:00:00", "X-PM-API-KEY", "pk"),
                    Request("GET", list, ["X-PM-API-KEY": "no", "Authorization": token, "Accept": "application/json"]),
                    get("\(Self.root)/trap", "X-PM-API-KEY", "pk"),
                ]) == [
                    "405 fault", "401 fault", "406 fault", "200", "401 fault", "406 fault", "200", "401 fault", "200",
                    "401 fault", "200", "401 fault", "200", "400 fault", "400 fault", "401 fault", "500 fault",
                ])
        #expect(api.searches.first == ["year": "2012", "country": "germany"])
        api.expireTokens()
        #expect(verdict(&api, get(list, "Authorization", token)) == "401")
    }

    @Test(arguments: [
        (part("attachment", "a;b\r\n", file: "x.csv"), "200"), (part("isrunning", "true"), "204"),
        (part("attachment", "a", file: "x.csv") + part("wait", "true"), "200"),
        (part("attachment", "a", file: "x.csv") + part("wait", "1"), "400 fault"),
        (part("isrunning", "yes"), "400 fault"),
        (part("wait", "true"), "400 fault"), (part("attachment", "a"), "400 fault"),
        (part("file", "a", file: "x.csv"), "400 fault"), (part("isrunning", "true", file: "x"), "400 fault"),
        (part("attachment", "a", file: "x") + part("attachment", "b", file: "y"), "400 fault"),
    ])
    func projectMonitorReadsEveryFormField(_ parts: String, _ expected: String) {
        var api = monitor
        let request = Request(
            "POST", "\(Self.root)/import/TEST?login=jo",
            ["X-PM-API-KEY": "pk", "Accept": "application/json", "Content-Type": "multipart/form-data; boundary=b"],
            body: "\(parts)--b--\r\n")
        #expect(verdict(&api, request) == expected)
        #expect(
            api.imports.map(\.bytes)
                == (expected == "200" ? [Array((parts.contains("a;b") ? "a;b\r\n" : "a").utf8)] : []))
    }

    @Test func projectMonitorsImports() {
        var api = monitor
        api.withoutRight = ["eve"]
        func send(
            _ path: String, _ body: String = Self.part("attachment", "a", file: "x") + "--b--\r\n",
            method: String = "POST",
            type: String = "multipart/form-data; boundary=b"
        ) -> Request {
            Request(
                method, "\(Self.root)/import/\(path)",
                ["X-PM-API-KEY": "pk", "Accept": "application/json", "Content-Type": type], body: body)
        }
        #expect(
            verdicts(
                &api,
                [
                    send("IMPORT_PROJET?login=jo"), send("SYNCHROFINANCIERE/importType/BUDGET?login=jo"),
                    send("SYNCHROFINANCIERE?login=jo"), send("NO?login=jo"), send("TEST"), send("TEST?login=no"),
                    send("TEST?login=eve"), send("TEST?login=jo&x=1"), send("TEST?login=jo", method: "PUT"),
                    send("TEST?login=jo", type: "application/json"), send("TEST?login=jo", type: "multipart/form-data"),
                    send("TEST?login=jo", "x" + Self.part("attachment", "a", file: "x") + "--b--\r\n"),
                    send("TEST?login=jo", Self.part("attachment", "a", file: "x")),
                    send("TEST?login=jo", Self.part("attachment", "a", file: "x") + "--b--\r\nx"),
                ]) == [
                    "200", "200", "400 fault", "400 fault", "401 fault", "401 fault", "403", "400 fault", "405 fault",
                    "415 fault", "415 fault", "400 fault", "400 fault", "400 fault",
                ])
        api.isRunning = true
        let running = api.judge(send("TEST?login=jo", Self.part("isrunning", "true") + "--b--\r\n")).answer
        #expect(running.status == 302 && running.head.contains("Location: /MonitorMakerWeb/api/trap"))
        for (ending, status) in [
            (ProjectMonitorDouble.Ending.functionalError, 400), (.serversOwnPage, 400), (.technicalError, 500),
            (.interrupted, 503),
        ] {
            api.ending = ending
            let (answer, fault) = api.judge(send("TEST?login=jo"))
            #expect(answer.status == status && fault == nil)
            #expect(answer.head.contains("text/html") == (ending == .serversOwnPage))
        }
    }

    // MARK: The network

    /// A real client on the wire: what it sends chunked arrives whole, and what is wrong is kept.
    @Test func aListeningDoubleAnswersCurl() async throws {
        let place = try Scratch()
        defer { place.remove() }
        let double = try Listening(monitor)
        try write("line\n", to: "\(place.path)/x.csv")
        let words = [
            "curl", "-s", "-w", " %{http_code}", "-H", "Accept: application/json", "-H", "X-PM-API-KEY: pk", "-F",
            "attachment=@x.csv", "-F", "wait=true", "\(double.url)\(Self.root)/import/IMPORT_PROJET?login=jo",
        ]
        #expect(try await output(words, in: place.path) == #"{"message":"Import done"} 200"#)
        #expect(try await output(words + ["-H", "Transfer-Encoding: chunked"], in: place.path).hasSuffix(" 200"))
        #expect(double.faults == [])
        #expect(double.api.imports.map(\.bytes) == [Array("line\n".utf8), Array("line\n".utf8)])
        #expect(double.api.imports.allSatisfy { $0.fileName == "x.csv" && $0.waited && $0.login == "jo" })
        _ = try await output(["curl", "-s", "\(double.url)\(Self.root)/nothing"], in: place.path)
        #expect(double.faults == ["GET /MonitorMakerWeb/api/nothing: Accept: application/json is required"])
    }
}
