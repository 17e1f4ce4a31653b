import CharonCore
import CharonServer
import Testing

@Suite("Server")
struct ServerTests {
    @Test(
        "listen addresses",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("127.8.0.1:0", "127.8.0.1", 0, true),
            ("[::1]:80", "::1", 80, true), ("localhost:1", "localhost", 1, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
            ("[::]:80", "::", 80, false), ("192.0.2.1:80", "192.0.2.1", 80, false), ("host:80", "host", 80, false),
            ("127.example.org:80", "127.example.org", 80, false),
        ])
    func addresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host && address.port == port)
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test("texts that are no listen address", arguments: ["", "8080", ":80", "::1:80", "h:", "h:65536", "h:-1", "h:x"])
    func badAddresses(text: String) {
        #expect(throws: CharonError.self) { try ListenAddress(text) }
    }

    @Test("an address that others reach must be allowed")
    func remote() async throws {
        try await Fixture.withDatabase { database in
            var options = Server.Options()
            options.listen = try ListenAddress("0.0.0.0:0")
            let refused = await #expect(throws: CharonError.self) {
                try await LocalServer.start(database: database, options: options)
            }
            #expect(refused?.message.contains("--allow-remote") == true)
            options.allowRemote = true
            await (try LocalServer.start(database: database, options: options)).stop()
        }
    }

    @Test("a port that is taken is an error that names it")
    func taken() async throws {
        try await Fixture.with { charon in
            var options = Server.Options()
            options.listen = try ListenAddress("127.0.0.1:\(charon.server.port)")
            let error = await #expect(throws: CharonError.self) {
                try await LocalServer.start(database: charon.database, options: options)
            }
            #expect(error?.location == options.listen.description)
            #expect(error?.message.contains("Address already in use") == true)
        }
    }

    @Test("the base path", arguments: [("/charon/v1", "/charon/v1"), ("api/", "/api"), ("/", "")])
    func basePath(given: String, base: String) async throws {
        var options = Server.Options()
        options.basePath = given
        try await Fixture.with(options: options) { charon in
            #expect(charon.server.url == "http://127.0.0.1:\(charon.server.port)\(base)")
            let connection = try Connection(port: charon.server.port)
            let headers = [("X-API-KEY", charon.key)]
            #expect(try await connection.send("GET", "\(base)/backup/can-start", headers: headers).status == 200)
            #expect(try await connection.send("GET", "/x\(base)/backup/can-start", headers: headers).status == 404)
        }
    }

    @Test("latency delays every answer, and requests at once do not add up")
    func latency() async throws {
        var options = Server.Options()
        options.latency = .seconds(2)
        try await Fixture.with(options: options) { charon in
            let begin = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for path in Array(repeating: "/backup/can-start", count: 20) + ["/nothing", "/1/end"] {
                    group.addTask { _ = try await charon.get(path) }
                }
                for try await _ in group {
                    #expect(ContinuousClock.now - begin >= .seconds(2))
                }
            }
            // One after the other they would take 44 s.
            #expect(ContinuousClock.now - begin < .seconds(40))
        }
    }

    @Test("connections beyond the limit are served when others end", arguments: [1, 3])
    func connections(limit: Int) async throws {
        var options = Server.Options()
        options.connections = limit
        try await Fixture.with(options: options) { charon in
            func ask(_ connection: Connection, seconds: Int = 30) async throws -> Int {
                try await connection.send(
                    "GET", "/api/backup/can-start", headers: [("X-API-KEY", charon.key)], seconds: seconds
                ).status
            }
            var open: [Connection] = []
            for _ in 0..<limit {
                let connection = try Connection(port: charon.server.port)
                #expect(try await ask(connection) == 200)
                open.append(connection)
            }
            let waiting = [try Connection(port: charon.server.port), try Connection(port: charon.server.port)]
            for connection in waiting {
                await #expect(throws: Connection.Failure.self) { try await ask(connection, seconds: 1) }
            }
            #expect(try await ask(open[0]) == 200)
            open.removeAll()
            // The unanswered requests are still in their connections and come first.
            let late = try Connection(port: charon.server.port)
            _ = consume waiting
            #expect(try await ask(late) == 200)
        }
    }

    @Test("an unknown error is a 500 with the request's id")
    func unknownError() async throws {
        try await Fixture.with { charon in
            try charon.store.close()
            for path in ["/backup/can-start", "/backup/start"] {
                let reply = try await charon.get(path)
                #expect(reply.status == 500)
                #expect(reply.json["request_id"]?.string?.isEmpty == false)
                #expect(reply.reason == "the server failed; its log says more under this request id")
            }
        }
    }
}
