import CharonAPI
import CharonClient
import CharonCore
import Glibc
import Testing

/// Exchanges without a complete answer, and whether they may have reached the server.
@Suite struct FailureTests {
    private func expect(
        _ exchange: Exchange,
        _ kind: ExchangeFailure.Kind,
        written: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(exchange.failure?.kind == kind, "\(exchange)", sourceLocation: sourceLocation)
        #expect(exchange.failure?.written == written, sourceLocation: sourceLocation)
        #expect(!"\(exchange)".contains(secretText), sourceLocation: sourceLocation)
    }

    @Test(arguments: ["127.0.0.1", "localhost"]) func refused(_ host: String) async throws {
        let port = try ScriptedServer.deadPort()
        try await withTransport("http://\(host):\(port)/api") { transport in
            for request in [canStart, start, message] {
                let exchange = await transport.exchange(request, deadline: .seconds(30))
                expect(exchange, .refused, written: false)
                #expect(exchange.failure?.detail == "\(host):\(port): Connection refused")
            }
        }
    }

    @Test func aNameThatDoesNotResolve() async throws {
        try await withTransport("https://no-such-host.invalid/api", connectTimeout: .seconds(120)) { transport in
            let exchange = await transport.exchange(start, deadline: .seconds(120))
            expect(exchange, .nameResolution, written: false)
        }
    }

    @Test func closedWithoutAWord() async throws {
        // The listener may close before or after the request was written; for a start both must be told apart.
        for request in [start, message] {
            let failure = try #require(try await exchange(request) { _ in }.failure)
            #expect(failure.kind == .reset)
        }
    }

    @Test(arguments: [canStart, start, message]) func closedAfterTheRequest(_ request: CharonRequest) async throws {
        let closed = try await exchange(request) { connection in _ = connection.request() }
        expect(closed, .reset, written: true)
        let reset = try await exchange(request) { connection in
            _ = connection.request()
            connection.reset()
        }
        expect(reset, .reset, written: true)
    }

    @Test(arguments: [false, true]) func closedInMidBody(_ resets: Bool) async throws {
        let exchange = try await exchange(start) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":17}")
            if resets { connection.reset() }
        }
        expect(exchange, .reset, written: true)
    }

    @Test func silence() async throws {
        let exchange = try await exchange(start, deadline: TimeSpan(milliseconds: 200)) { $0.waitForEnd() }
        expect(exchange, .timeout, written: true)
        #expect(exchange.failure?.detail.hasSuffix(": no complete answer within 200 ms") == true)
    }

    @Test func theDeadlineCoversTheBody() async throws {
        let exchange = try await exchange(start, deadline: TimeSpan(milliseconds: 300)) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while connection.send("x") { usleep(50_000) }
        }
        expect(exchange, .timeout, written: true)
    }

    @Test func anEndlessBody() async throws {
        let exchange = try await exchange(start) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1000\r\n" + String(repeating: "1234", count: 1024) + "\r\n"
            while connection.send(chunk) {}
        }
        expect(exchange, .bodyTooLarge, written: true)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/9.9 200 OK\r\n\r\n", "\u{15}\u{3}\u{1}\r\n\r\n"])
    func noHTTP(_ text: String) async throws {
        let exchange = try await exchange(start) { connection in
            _ = connection.request()
            connection.send(text)
            connection.waitForEnd()
        }
        expect(exchange, .malformed, written: true)
    }

    @Test func endlessHeaders() async throws {
        let exchange = try await exchange(start) { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
        }
        expect(exchange, .malformed, written: true)
    }

    @Test func aKeptConnectionThatTheServerClosesUnderTheNextRequest() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.answer("1")
            // The next request arrives and finds nobody, as on an idle connection that is just being closed.
            _ = connection.request()
            connection.reset()
        } _: { transport, server in
            #expect(await transport.exchange(message, deadline: .seconds(30)).text == "1")
            expect(await transport.exchange(message, deadline: .seconds(30)), .reset, written: true)
            #expect(server.connections == 1)
            #expect(await transport.exchange(message, deadline: .seconds(30)).text == "1")
        }
    }

    @Test func aKeptConnectionThatWasClosedBeforeIsNotUsed() async throws {
        try await withServer { connection in
            _ = connection.request()
            connection.answer("\(connection.number)")
        } _: { transport, _ in
            var answers: [String?] = []
            for _ in 0..<5 {
                answers.append(await transport.exchange(message, deadline: .seconds(30)).text)
                // Until the client has seen the end of the connection, which loopback delivers at once.
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(answers == ["0", "1", "2", "3", "4"])
        }
    }

    @Test func cancellation() async throws {
        try await withServer {
            $0.waitForEnd()
        } _: { transport, server in
            let task = Task { await transport.exchange(start, deadline: .seconds(600)) }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            expect(await task.value, .cancelled, written: true)
        }
    }

    @Test func shutdownEndsWhatIsUnderWayAndRefusesMore() async throws {
        try await withServer {
            $0.waitForEnd()
        } _: { transport, server in
            let task = Task { await transport.exchange(message, deadline: .seconds(600)) }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            transport.shutdown()
            expect(await task.value, .cancelled, written: true)
            expect(await transport.exchange(message, deadline: .seconds(1)), .cancelled, written: false)
        }
    }

    @Test func aRequestThatCannotBeMadeSaysSoWithoutItsHeaders() async throws {
        let request = CharonCall.message(try #require(ExecutionID("17")), .info, "x").request(idempotencyKey: "a\r\nb")
        let port = try ScriptedServer.deadPort()
        try await withTransport("http://127.0.0.1:\(port)") { transport in
            expect(await transport.exchange(request, deadline: .seconds(30)), .local, written: false)
        }
    }
}
