import CharonCore
import Testing

/// The double of Cegid Loop is strict: otherwise tests against it show nothing.
struct CegidLoopDoubleTests {
    private typealias Request = StubServer.Request

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
            api.verdicts([
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
        #expect(api.verdict(create) == "500" && api.subscriptions.count == 1)
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
        #expect(body != Self.subscription && api.verdict(create) == "400 fault" && api.subscriptions.isEmpty)
    }
}
