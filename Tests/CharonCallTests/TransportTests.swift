import CharonCore
import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import CharonCall

@Suite struct TransportTests {
    private func send(
        _ url: String, method: String = "GET", body: PreparedRequest.Body = .none, limit: TimeSpan = .seconds(20),
        target: SaveTarget? = nil
    ) async throws -> Result<Answer, TransportFailure> {
        let transport = try HTTPTransport(caFile: nil, timeout: .seconds(20), proxy: nil)
        let request = PreparedRequest(method: .init(method) ?? .get, url: url, headers: [.accept: "a/b"], body: body)
        let result: Result<Answer, TransportFailure>
        do throws(TransportFailure) {
            result = .success(try await transport.send(Sending(request, limit: limit, target: target)))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return result
    }

    @Test func anAnswerComesWhole() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(201, "{\"a\": 1}", "RequestId: r\r\n") }
        let answer = try await send(server.url + "/x;y=1?z=%2B", method: "POST", body: .bytes([0x61])).get()
        #expect((answer.status, answer.json, answer.headers[.init("requestid") ?? .date]) == (201, ["a": 1], "r"))
        #expect(server.requests.map(\.line) == ["POST /x;y=1?z=%2B HTTP/1.1"])
        #expect((server.requests[0].text, server.requests[0].header("accept")) == ("a", "a/b"))
        server.stop()
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(302, "", "Location: /trap\r\n") }
        #expect(try await send(server.url + "/").get().status == 302)
        #expect(server.requests.count == 1)
        server.stop()
    }

    @Test func whatWasNeverSentIsKnown() async throws {
        let port = try LoopbackServer.deadPort()
        for url in ["http://127.0.0.1:\(port)/", "http://nonexistent.invalid/"] {
            guard case .failure(.notSent) = try await send(url, method: "POST") else {
                Issue.record("\(url) must be not sent")
                continue
            }
        }
    }

    /// A listener that speaks no TLS.
    @Test func aFailedHandshakeWasNotSent() async throws {
        let server = try LoopbackServer { _, _ in nil }
        let result = try await send("https://127.0.0.1:\(server.port)/", limit: .seconds(20))
        guard case .failure = result else {
            Issue.record("\(result)")
            return
        }
        #expect(server.requests.isEmpty)
        server.stop()
    }

    @Test func aRequestWithoutAnAnswerIsLost() async throws {
        let server = try LoopbackServer { _, _ in nil }
        let result = try await send(server.url + "/", method: "POST", body: .bytes([0x61]))
        guard case .failure(.lost) = result else {
            Issue.record("\(result)")
            return
        }
        server.stop()
    }

    @Test func aHalfAnswerIsLost() async throws {
        let server = try LoopbackServer { _, _ in Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8) }
        guard case .failure(.lost) = try await send(server.url + "/") else {
            Issue.record("half an answer must be none")
            return
        }
        server.stop()
    }

    @Test func theTimeIsForAllOfTheAnswer() async throws {
        let stop = Mutex(false)
        let server = try LoopbackServer { _, _ in
            while !stop.withLock({ $0 }) { usleep(1000) }
            return nil
        }
        let result = try await send(server.url + "/", limit: TimeSpan(milliseconds: 200))
        #expect(throws: TransportFailure.lost("no whole answer within 200 ms")) { try result.get() }
        stop.withLock { $0 = true }
        server.stop()
    }

    @Test func aFileIsStreamedIntoAPart() async throws {
        let place = try Place()
        let content = String(repeating: "0123456789", count: 30_000)
        let path = try place.write("a.csv", content)
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(200) }
        let body = PreparedRequest.Body.multipart([.bytes(Array("<".utf8)), .file(path: path), .bytes(Array(">".utf8))])
        #expect(try await send(server.url + "/", method: "POST", body: body).get().status == 200)
        #expect(server.requests.first?.text == "<\(content)>")
        #expect(server.requests.first?.header("content-length") == "\(content.utf8.count + 2)")
        server.stop()
    }

    @Test func aFileThatCannotBeReadIsKnownBeforeAnythingIsSent() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(200) }
        for path in ["/nonexistent/a", "/tmp", "/dev/null"] {
            let result = try await send(server.url + "/", method: "POST", body: .multipart([.file(path: path)]))
            guard case .failure(.call(let failure)) = result else {
                Issue.record("\(path): \(result)")
                continue
            }
            #expect(failure.exit == .noInput && failure.message.contains(path))
        }
        #expect(server.requests.isEmpty)
        server.stop()
    }

    @Test func aSuccessIsSavedAndNothingElse() async throws {
        let place = try Place()
        try place.write("out", "before")
        let target = SaveTarget(path: "\(place.path)/out", mode: 0o640, success: [200...200])
        let status = Mutex(500)
        let server = try LoopbackServer { _, _ in
            status.withLock {
                $0 == 0
                    ? Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".utf8)
                    : LoopbackServer.answer($0, "after")
            }
        }
        let refused = try await send(server.url + "/", target: target).get()
        #expect((refused.isSaved, refused.body) == (false, Array("after".utf8)))
        #expect(place.read("out") == "before")
        status.withLock { $0 = 0 }
        _ = try await send(server.url + "/", target: target)
        #expect(place.read("out") == "before")
        status.withLock { $0 = 200 }
        let saved = try await send(server.url + "/", target: target).get()
        #expect((saved.isSaved, saved.body) == (true, []))
        #expect(place.read("out") == "after")
        #expect(Place.names(place.path) == ["out"])
        var facts = stat()
        #expect(stat("\(place.path)/out", &facts) == 0 && facts.st_mode & 0o777 == 0o640)
        server.stop()
    }

    @Test func aPlaceThatCannotBeWrittenIsSaid() throws {
        let failure = #expect(throws: CallFailure.self) {
            try SavedFile(SaveTarget(path: "/nonexistent/out", mode: 0o640, success: []))
        }
        #expect(failure?.exit == .cannotCreate)
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async throws {
        let server = try LoopbackServer { _, _ in
            LoopbackServer.answer(200, String(repeating: "x", count: Answer.largestBody + 1))
        }
        guard case .failure(.call(let failure)) = try await send(server.url + "/") else {
            Issue.record("too large an answer must be refused")
            return
        }
        #expect(failure.exit == .refused && failure.message.contains("16 MiB"))
        server.stop()
    }

    @Test func certificatesAreReadBeforehand() throws {
        let failure = #expect(throws: CallFailure.self) {
            try HTTPTransport(caFile: "/nonexistent", timeout: .seconds(1), proxy: nil)
        }
        #expect(failure?.exit == .configuration)
    }

    @Test(arguments: [
        ([:], nil), (["https_proxy": "http://p:3128"], "p:3128"), (["HTTPS_PROXY": "p:1"], "p:1"),
        (["http_proxy": "p:1"], nil),
        (["all_proxy": "http://p"], "p:1080"), (["https_proxy": "p:1", "no_proxy": "example.org"], nil),
        (["https_proxy": "p:1", "no_proxy": ".example.org,x"], nil), (["https_proxy": "p:1", "NO_PROXY": "*"], nil),
        (["https_proxy": "p:1", "no_proxy": "ample.org"], "p:1"),
    ])
    func theProxyIsThatOfCurl(_ environment: [String: String], _ expected: String?) throws {
        let proxy = try ProxyAddress(for: Reading.base("https://api.example.org")) { environment[$0] }
        #expect(proxy.map { "\($0.host):\($0.port)" } == expected)
    }
}
