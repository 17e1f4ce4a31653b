import CharonCore
import Testing

/// The double of Project Monitor is strict: otherwise tests against it show nothing.
struct ProjectMonitorDoubleTests {
    typealias Request = StubServer.Request

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
            api.verdicts([
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
        #expect(api.verdict(get(list, "Authorization", token)) == "401")
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
        #expect(api.verdict(request) == expected)
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
            api.verdicts([
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
