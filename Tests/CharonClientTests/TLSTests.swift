import CharonAPI
import CharonClient
import CharonCore
import Testing

/// Certificates as `openssl` makes them, against what a client may trust.
@Suite struct TLSTests {
    private static let yes = #"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"#

    private func exchange(
        _ fixture: TLSFixture,
        _ server: TLSServer,
        host: String = "localhost",
        trusts: Bool = true,
        _ request: CharonRequest = start
    ) async throws -> Exchange {
        let url = "https://\(host):\(server.port)/api"
        return try await withTransport(url, caFile: trusts ? fixture.caFile : nil) { transport in
            await transport.exchange(request, deadline: .seconds(30))
        }
    }

    private func expectTLSFailure(_ exchange: Exchange, _ word: String) {
        #expect(exchange.failure?.kind == .tls, "\(exchange)")
        #expect(exchange.failure?.written == false)
        #expect(exchange.failure?.detail.contains(word) == true, "\(exchange)")
    }

    @Test func aPrivateCAByItsFile() async throws {
        let fixture = try TLSFixture()
        let server = try fixture.serve(Self.yes, names: "DNS:localhost,IP:127.0.0.1")
        for host in ["localhost", "127.0.0.1"] {
            #expect(try await exchange(fixture, server, host: host).text == "true")
            #expect(try await exchange(fixture, server, host: host, canStart).text == "true")
        }
        expectTLSFailure(try await exchange(fixture, server, trusts: false), "not trusted")
    }

    @Test func selfSigned() async throws {
        let fixture = try TLSFixture()
        let server = try fixture.serve(Self.yes, names: "DNS:localhost", signed: false)
        expectTLSFailure(try await exchange(fixture, server), "not trusted")
    }

    @Test func wrongHost() async throws {
        let fixture = try TLSFixture()
        let server = try fixture.serve(Self.yes, names: "DNS:charon.example.org")
        expectTLSFailure(try await exchange(fixture, server), "another name")
        expectTLSFailure(try await exchange(fixture, server, host: "127.0.0.1"), "another name")
    }

    @Test func expired() async throws {
        let fixture = try TLSFixture()
        let server = try fixture.serve(Self.yes, names: "DNS:localhost", days: -1)
        expectTLSFailure(try await exchange(fixture, server), "expired")
    }

    @Test func noTLSAtTheOtherEnd() async throws {
        for answer in ["HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", ""] {
            let server = try ScriptedServer { connection in
                connection.send(answer)
                if answer.isEmpty { connection.reset() } else { connection.waitForEnd() }
            }
            defer { server.stop() }
            let failure = try await withTransport("https://127.0.0.1:\(server.port)/api") { transport in
                await transport.exchange(start, deadline: .seconds(30)).failure
            }
            #expect(failure?.written == false)
            // A reset in the middle of a handshake is one or the other, as the bytes happen to arrive.
            let allowed: [ExchangeFailure.Kind?] = answer.isEmpty ? [.reset, .tls] : [.tls]
            #expect(allowed.contains(failure?.kind), "\(failure as Any)")
        }
    }

    @Test func aHandshakeThatNeverEndsIsATimeoutBeforeTheRequest() async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        defer { server.stop() }
        let failure = try await withTransport("https://127.0.0.1:\(server.port)/api", connectTimeout: .seconds(1)) {
            transport in
            await transport.exchange(start, deadline: TimeSpan(milliseconds: 200)).failure
        }
        #expect(failure?.kind == .timeout)
        #expect(failure?.written == false)
    }

    @Test func aCAFileThatIsNone() async throws {
        for path in ["/nonexistent/ca.pem", "/dev/null", "/etc/hostname"] {
            let error = await #expect(throws: CharonError.self) {
                try await withTransport("https://localhost/api", caFile: path) { _ in }
            }
            #expect(error?.location == path)
        }
    }
}
