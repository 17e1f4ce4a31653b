import CharonAPI
import CharonClient
import CharonCore
import Testing

/// Complete answers, from real sockets.
@Suite struct AnswerTests {
    @Test func requestAndAnswer() async throws {
        try await withServer { connection in
            while connection.request() != nil {
                connection.answer(#"{"id":17}"#, "200 OK", "Content-Type: application/json\r\n")
            }
        } _: { transport, server in
            let expected = CharonResponse(
                status: 200,
                contentType: "application/json",
                body: Array(#"{"id":17}"#.utf8)
            )
            for request in [canStart, start, message, end] {
                #expect(await transport.exchange(request, deadline: .seconds(30)) == .response(expected))
            }
            let heads = server.requests.map { $0.lowercased().split(separator: "\r\n").map(String.init) }
            let lines = [
                "get /api/nightly/can-start", "get /api/nightly/start", "post /api/17/message", "post /api/17/end",
            ]
            #expect(heads.map { $0.first } == lines.map { "\($0) http/1.1" })
            for head in heads {
                #expect(head.contains("x-api-key: \(secretText)"))
                #expect(head.contains("user-agent: charond/1.2.3"))
                #expect(head.contains("accept: application/json"))
                #expect(head.contains("host: 127.0.0.1:\(server.port)"))
                #expect(!head.contains { $0.hasPrefix("accept-encoding") })
            }
            #expect(heads[1].contains("idempotency-key: run/0"))
            #expect(heads[2].contains("idempotency-key: run/1"))
            #expect(heads[2].contains("content-type: application/json"))
            #expect(heads[2].last == #"{"message":"hello","type":"info"}"#)
            #expect(heads[3].last == #"{"type":"success","success":true}"#)
        }
    }

    @Test func connectionsAreKeptForAllButStart() async throws {
        try await withServer { connection in
            while connection.request() != nil { connection.answer("\(connection.number)") }
        } _: { transport, server in
            var numbers: [String?] = []
            for request in [message, message, start, end, start, canStart] {
                numbers.append(await transport.exchange(request, deadline: .seconds(30)).text)
            }
            #expect(numbers == ["0", "0", "1", "0", "2", "0"])
        }
    }

    @Test(arguments: [
        ("302 Found", "Location: http://127.0.0.1:1/\r\n"), ("307 Temporary Redirect", "Location: /elsewhere\r\n"),
    ])
    func redirectsAreAnswers(_ status: String, _ header: String) async throws {
        try await withServer { connection in
            while connection.request() != nil { connection.answer("", status, header) }
        } _: { transport, server in
            let answer = await transport.exchange(message, deadline: .seconds(30))
            #expect(answer.response?.status == Int(status.prefix(3)))
            #expect(server.requests.count == 1)
        }
    }

    @Test func htmlAndRetryAfterComeThrough() async throws {
        let html = try await exchange(canStart) { connection in
            _ = connection.request()
            connection.answer("<html>hello</html>", "200 OK", "Content-Type: text/html\r\n")
        }
        #expect(html.response?.form == .html)
        let busy = try await exchange(start) { connection in
            _ = connection.request()
            connection.answer("", "503 Service Unavailable", "Retry-After: 120\r\n")
        }
        #expect(busy == .response(CharonResponse(status: 503, retryAfter: .seconds(120))))
    }

    @Test func chunksAndProvisionalAnswersAreHTTP() async throws {
        let answer = try await exchange(start) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"id\r\n")
            connection.send("5\r\n\":17}\r\n0\r\n\r\n")
        }
        #expect(answer.text == #"{"id":17}"#)
    }

    @Test func aBodyOfExactlyTheLimitIsWhole() async throws {
        let body = String(repeating: "x", count: CharonResponse.bodyLimit)
        let answer = try await exchange(message) { connection in
            _ = connection.request()
            connection.answer(body)
        }
        #expect(answer.text == body)
    }

    @Test func anEndlessErrorPageIsAnAnswerCutShort() async throws {
        let answer = try await exchange(start) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1000\r\n" + String(repeating: "<p> ", count: 1024) + "\r\n"
            while connection.send(chunk) {}
        }
        #expect(answer.response?.status == 500)
        #expect(answer.response?.body.count == CharonResponse.bodyLimit)
    }

    @Test func aServerThatQuotesTheKeyDoesNotBringItBack() async throws {
        let answer = try await exchange(canStart) { connection in
            _ = connection.request()
            connection.answer(#"{"error":"key \#(secretText) unknown"}"#, "401 Unauthorized")
        }
        #expect(answer.text == #"{"error":"key <redacted> unknown"}"#)
    }
}
