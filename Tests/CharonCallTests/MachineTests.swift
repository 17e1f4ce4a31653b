import CharonAPI
import CharonCore
import HTTPTypes
import Testing

@testable import CharonCall

/// Drives a machine without time: what it sends, says and waits for is written down.
struct Driver {
    var machine: CallMachine
    var seconds = 0.0
    private(set) var log: [String] = []
    private(set) var sent: [PreparedRequest] = []
    private(set) var limits: [TimeSpan] = []

    init(_ text: String, _ values: [String: JSON] = [:], isServerDryRun: Bool = false) throws {
        let file = try Reading.file("base_url: http://h\nallow_plain_http: true\n" + text)
        machine = CallMachine(
            file, base: try .init("http://h", allowPlainHTTP: true), Reading.values(values), boundary: "B",
            isServerDryRun: isServerDryRun)
    }

    /// Gives the next event, and notes what is to be done then.
    mutating func take(_ event: CallMachine.Event) {
        let moment = CallMachine.Moment(
            elapsed: TimeSpan(milliseconds: Int64(seconds * 1000)), wall: Instant(seconds: Int64(seconds)))
        for action in machine.next(event, at: moment) {
            switch action {
            case .say(let line): log.append("\(line.kind): \(line.text)")
            case .authenticate(let refused): log.append("authenticate\(refused.map { " not \($0.value)" } ?? "")")
            case .send(let sending):
                sent.append(sending.request)
                limits.append(sending.limit)
                let token = sending.request.headers[.authorization].map { " \($0)" } ?? ""
                let target = sending.target.map { " to \($0.path)" } ?? ""
                log.append("\(sending.request.method.rawValue) \(sending.request.url.dropFirst(8))\(token)\(target)")
            case .sleep(let time):
                log.append("sleep \(time)")
                seconds += time.seconds
            case .save(let bytes, let target): log.append("save \(bytes.count) to \(target.path)")
            case .finish(let exit): log.append("exit \(exit.rawValue)")
            }
        }
    }

    mutating func answer(_ status: Int, _ text: String = "", _ headers: HTTPFields = [:]) {
        take(.answered(.json(status, text, headers)))
    }

    mutating func token(_ value: String, lifetime: Int64 = 900) {
        take(.authenticated(Token(value, issued: Instant(seconds: Int64(seconds)), lifetime: .seconds(lifetime))))
    }
}

@Suite struct MachineTests {
    private static let action = """
        request: {method: POST, path: /act}
        values: {op: /id}
        wait: {request: {path: "/op/{{op}}"}, until: {pointer: /status, done: [SUCCESS], failed: [ERROR]}, interval: 10s, backoff: 2, at_most: 30s, deadline: 5min, progress: "op {{op}}: {{state}}", values: {state: /status}}
        output: "{{op}} {{state}} {{status}} {{json}}"

        """

    @Test func anOperationIsWaitedFor() throws {
        var driver = try Driver(Self.action)
        driver.take(.begin)
        driver.answer(202, #"{"id": 7}"#)
        for _ in 0..<3 {
            driver.answer(200, #"{"status": "IN_PROGRESS"}"#)
            driver.take(.woke)
        }
        driver.answer(200, #"{"status": "SUCCESS"}"#)
        #expect(
            driver.log == [
                "POST /act", "GET /op/7", "progress: op 7: IN_PROGRESS", "sleep 10 s", "GET /op/7", "sleep 20 s",
                "GET /op/7", "sleep 30 s",
                "GET /op/7", "progress: op 7: SUCCESS", #"output: 7 SUCCESS 200 {"status":"SUCCESS"}"#,
                "success: done: POST http://h/act",
                "exit 0",
            ])
    }

    @Test func anOperationThatFailsIsAFailure() throws {
        var driver = try Driver(Self.action)
        driver.take(.begin)
        driver.answer(202, #"{"id": 7}"#)
        driver.answer(200, #"{"status": "ERROR", "why": "disk"}"#)
        #expect(
            driver.log.suffix(2) == [
                #"error: GET http://h/op/7 says ERROR: {"status": "ERROR", "why": "disk"}"#, "exit 1",
            ])
    }

    @Test func theDeadlineOfTheWaitingCounts() throws {
        var driver = try Driver(Self.action)
        driver.take(.begin)
        driver.answer(202, #"{"id": 7}"#)
        while driver.log.last?.hasPrefix("exit") != true {
            driver.answer(200, #"{"status": "IN_PROGRESS"}"#)
            if driver.log.last?.hasPrefix("sleep") == true { driver.take(.woke) }
        }
        #expect(driver.log.last == "exit 75")
        #expect(driver.seconds <= 300)
        #expect(driver.limits.allSatisfy { $0 <= .seconds(30) })
    }

    @Test func aRequestHasNoMoreTimeThanIsLeft() throws {
        var driver = try Driver("deadline: 10s\n" + Self.action)
        driver.take(.begin)
        driver.seconds = 9
        driver.answer(202, #"{"id": 7}"#)
        #expect(driver.limits == [.seconds(10), .seconds(1)])
        driver.seconds = 10
        driver.take(.failed(.lost("no whole answer")))
        #expect(driver.log.last == "exit 75")
    }

    @Test(arguments: [
        (#"{"status": "STRANGE"}"#, 76), (#"{"state": "SUCCESS"}"#, 76), ("no JSON", 76),
        (#"{"status": "SUCCESS"}"#, 0),
    ])
    func whatIsNotNamedIsRefused(_ body: String, _ exit: Int) throws {
        var driver = try Driver(
            "request: {path: /a}\nwait: {request: {path: /b}, until: {pointer: /status, done: SUCCESS, pending: WAITING}}\n"
        )
        driver.take(.begin)
        driver.answer(200)
        driver.answer(200, body)
        #expect(driver.log.last == "exit \(exit)")
    }

    @Test(arguments: [
        (204, "exit 0"), (410, "exit 1"), (302, "sleep 5 s"), (200, "sleep 5 s"), (404, "exit 76"), (403, "exit 77"),
    ])
    func aWaitCanGoByTheStatus(_ status: Int, _ last: String) throws {
        var driver = try Driver(
            "request: {path: /a}\nwait: {request: {path: /b}, until: {status: {done: 204, failed: 410}}}\n")
        driver.take(.begin)
        driver.answer(200)
        driver.answer(status)
        #expect(driver.log.last == last)
    }

    @Test func onlySomeStatusesAreWaitedFor() throws {
        var driver = try Driver(
            "request: {method: POST, path: /a}\nvalues: {op: /id}\nwait: {when: 202, request: {path: \"/{{op}}\"}, until: {pointer: /s, done: D}}\noutput: \"op={{op}}\"\n"
        )
        driver.take(.begin)
        driver.answer(200, "{}")
        #expect(driver.log == ["POST /a", "output: op=", "success: done: POST http://h/a", "exit 0"])
    }

    @Test(arguments: [
        (302, "success: 302: an import runs", "exit 0"), (204, "success: 204: no import runs", "exit 0"),
        (200, "error: POST http://h/a answered 200: {}", "exit 76"),
        (301, "error: POST http://h/a answered 301: {}", "exit 76"),
        (400, "error: POST http://h/a answered 400: {}", "exit 76"),
        (401, "error: POST http://h/a answered 401: {}", "exit 77"),
        (403, "error: POST http://h/a answered 403: {}", "exit 77"),
    ])
    func statusesMeanWhatTheFileSays(_ status: Int, _ line: String, _ exit: String) throws {
        var driver = try Driver(
            "request: {method: POST, path: /a}\nexpect: {success: 201, answers: {302: an import runs, 204: no import runs}}\noutput: x\n"
        )
        driver.take(.begin)
        driver.answer(status, "{}")
        #expect(driver.log == ["POST /a", line, exit])
    }

    @Test func aBodyCanSayThatASuccessIsNone() throws {
        for (body, exit) in [(#"{"s": "ERROR"}"#, 1), (#"{"s": "OK"}"#, 0), ("", 0)] {
            var driver = try Driver("request: {path: /a}\nexpect: {json: {pointer: /s, failed: ERROR}}\n")
            driver.take(.begin)
            driver.answer(200, body)
            #expect(driver.log.last == "exit \(exit)")
        }
    }

    @Test func aPOSTIsNotRepeatedOnceItMayHaveBeenExecuted() throws {
        var driver = try Driver("request: {method: POST, path: /a}\n")
        driver.take(.begin)
        driver.take(.failed(.notSent("no connection")))
        #expect(driver.log.suffix(2) == ["warning: POST http://h/a: no connection; trying again in 1 s", "sleep 1 s"])
        driver.take(.woke)
        driver.take(.failed(.lost("no answer")))
        #expect(driver.log.suffix(2) == ["error: POST http://h/a: no answer; it may have been executed", "exit 69"])
        #expect(driver.sent.count == 2)
    }

    @Test func aGETIsRepeatedAsOftenAsIsSaid() throws {
        var driver = try Driver("request: {path: /a}\nretry: {maxRetries: 2}\n")
        driver.take(.begin)
        for _ in 0..<2 {
            driver.answer(503)
            driver.take(.woke)
        }
        driver.answer(503, "sorry")
        #expect(driver.sent.count == 3)
        #expect(driver.log.suffix(2) == ["error: GET http://h/a answered 503: sorry", "exit 76"])
    }

    @Test func retryAfterIsHonouredWithinTheDeadline() throws {
        var driver = try Driver("request: {method: POST, path: /a}\ndeadline: 1min\n")
        driver.take(.begin)
        driver.answer(429, "", [.retryAfter: "50"])
        #expect(driver.log.last == "sleep 50 s")
        driver.take(.woke)
        driver.answer(429, "", [.retryAfter: "50"])
        #expect(driver.log.last == "exit 75")
    }

    private static let login = "auth: {kind: login, url: /t, token: /t, scheme: Bearer}\n"

    @Test func aTokenIsRenewedBeforeItEnds() throws {
        var driver = try Driver(Self.login + Self.action)
        driver.take(.begin)
        driver.token("one", lifetime: 20)
        driver.answer(202, #"{"id": 7}"#)
        driver.answer(200, #"{"status": "IN_PROGRESS"}"#)
        driver.take(.woke)
        driver.answer(200, #"{"status": "IN_PROGRESS"}"#)
        driver.take(.woke)
        driver.token("two")
        #expect(
            driver.log.filter { !$0.hasPrefix("progress") } == [
                "authenticate", "POST /act Bearer one", "GET /op/7 Bearer one", "sleep 10 s", "GET /op/7 Bearer one",
                "sleep 20 s",
                "authenticate", "GET /op/7 Bearer two",
            ])
    }

    @Test func aRefusedTokenIsRenewedOnceForARequest() throws {
        var driver = try Driver(Self.login + "request: {method: POST, path: /a}\n")
        driver.take(.begin)
        driver.token("one")
        driver.answer(401)
        driver.token("two")
        driver.answer(401, "no")
        #expect(
            driver.log == [
                "authenticate", "POST /a Bearer one", "authenticate not one", "POST /a Bearer two",
                "error: POST http://h/a answered 401: no", "exit 77",
            ])
    }

    @Test func each401InTheMidstOfWaitingIsRenewed() throws {
        var driver = try Driver(Self.login + Self.action)
        driver.take(.begin)
        driver.token("one")
        driver.answer(202, #"{"id": 7}"#)
        driver.answer(401)
        driver.token("two")
        driver.answer(200, #"{"status": "IN_PROGRESS"}"#)
        driver.take(.woke)
        driver.answer(401)
        driver.token("three")
        driver.answer(200, #"{"status": "SUCCESS"}"#)
        #expect(driver.log.last == "exit 0")
    }

    @Test func withoutATokenA401IsTheEnd() throws {
        var driver = try Driver("auth: {kind: headers, headers: {X-Key: k}}\nrequest: {path: /a}\n")
        driver.take(.begin)
        #expect(driver.sent[0].headers[HTTPField.Name("x-key")!] == "k")
        driver.answer(401)
        #expect(driver.log.last == "exit 77")
    }

    @Test func stepsHandValuesOn() throws {
        var driver = try Driver(
            """
            steps:
              - {name: find, request: {path: /find}, values: {id: /0/id}, output: "found {{id}}"}
              - {name: drop, request: {method: DELETE, path: "/x/{{id}}"}}

            """)
        driver.take(.begin)
        driver.answer(200, #"[{"id": "a/b"}]"#)
        driver.answer(204)
        #expect(
            driver.log == ["GET /find", "output: found a/b", "DELETE /x/a%2Fb", "success: done: 2 steps", "exit 0"])
    }

    @Test func aMissingValueIsARefusal() throws {
        for body in ["{}", "", "<html>"] {
            var driver = try Driver("request: {path: /a}\nvalues: {id: /id}\n")
            driver.take(.begin)
            driver.answer(200, body)
            #expect(driver.log.last == "exit 76")
        }
    }

    @Test func headersOfAnswersAreShown() throws {
        var driver = try Driver("request: {path: /a}\nlog_headers: [RequestId, x-none]\n")
        driver.take(.begin)
        driver.answer(500, "oops", [HTTPField.Name("requestid")!: "r-1"])
        #expect(
            driver.log == ["GET /a", "progress: RequestId: r-1", "error: GET http://h/a answered 500: oops", "exit 76"])
    }

    @Test func aBodyNobodyLooksAtIsStreamed() throws {
        for (more, isStreamed) in [
            ("", true), ("output: x\n", true), ("output: \"{{json}}\"\n", false), ("values: {a: /a}\n", false),
        ] {
            var driver = try Driver("request: {path: /a}\nsave: {file: /f}\n" + more)
            driver.take(.begin)
            #expect((driver.log == ["GET /a to /f"]) == isStreamed)
            guard !isStreamed else { continue }
            driver.answer(200, #"{"a": 1}"#)
            #expect(driver.log.last == "save 8 to /f")
            driver.take(.saved)
            #expect(driver.log.last == "exit 0")
        }
    }

    @Test func aServerDryRunMustComeBack() throws {
        let text =
            "server_dry_run: {header: X-Dry, value: \"1\"}\nsteps: [{name: a, request: {path: /a}}, {name: b, request: {method: POST, path: /b}}, {name: c, request: {path: /c}}]\n"
        for (headers, exit) in [
            (HTTPFields(dictionaryLiteral: (HTTPField.Name("x-dry")!, "1")), "exit 0"), (HTTPFields(), "exit 76"),
        ] {
            var driver = try Driver(text, isServerDryRun: true)
            driver.take(.begin)
            driver.answer(200)
            driver.answer(200, "", headers)
            #expect(driver.sent.map { $0.headers[HTTPField.Name("x-dry")!] } == [nil, "1"])
            #expect(driver.log.last == exit)
        }
    }
}
