import CharonCore
import Glibc
import Synchronization
import Testing

@testable import CharonCall

/// `charon-call` as a process of its own.
struct Program {
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = max(readlink("/proc/self/exe", &buffer, buffer.count - 1), 0)
        let own = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.lastIndex(of: "/").map { "\(own[..<$0])/charon-call" } ?? "charon-call"
    }()

    let pid: pid_t
    private let place: Place
    private let number: String

    /// Starts it; the files of its output are in `place`.
    init(_ arguments: [String], in place: Place, environment: [String: String] = [:]) throws {
        self.place = place
        number = String(UInt32.random(in: .min ... .max))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, name) in [(Int32(1), "out"), (2, "err")] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, "\(place.path)/\(name).\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var all = ["PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": "\(place.path)/cache", "TZ": "UTC"]
        all.merge(environment) { $1 }
        let words = ([Self.path] + arguments).map { strdup($0) } + [nil]
        let variables = all.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, Self.path, &actions, nil, words, variables)
        guard error == 0 else { throw SystemError("posix_spawn", errno: error, Self.path) }
        self.pid = pid
    }

    /// Waits for its end: its exit code, 128 + n after signal n, and what it wrote.
    func end() async -> (code: Int32, out: String, err: String) {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 { try? await Task.sleep(for: .milliseconds(5)) }
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return (code, place.read("out.\(number)") ?? "", place.read("err.\(number)") ?? "")
    }
}

@Suite struct ProgramTests {
    private static let quick = "retry: {maxRetries: 0}\n"

    private func run(_ file: String, _ arguments: [String] = [], in place: Place, _ environment: [String: String] = [:])
        async throws -> (code: Int32, out: String, err: String)
    {
        let path = try place.write("call.yaml", file)
        return await (try Program([path] + arguments, in: place, environment: environment)).end()
    }

    @Test func aDryRunShowsAllAndSendsNothing() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(200) }
        let place = try Place()
        try place.write("key", "hush-hush")
        let result = try await run(
            """
            base_url: \(server.url)/api
            variables: {key: {file: \(place.path)/key}, id: {default: "a/b"}, now2: {default: "{{nominal}}"}}
            auth: {kind: oauth2_client_credentials, url: /token, client_id: me, client_secret: "{{key}}"}
            steps:
              - {name: find, request: {path: "/find/{{id}}", query: {q: "{{key}}", at: "{{now2}}"}}, values: {op: /op}}
              - {name: act, request: {method: POST, path: "/act/{{op}}", json: {k: "{{key}}", o: "{{op}}"}}}

            """, ["--dry-run"], in: place, ["CHARON_NOMINAL_TIME": "2026-11-22T22:15:00Z", "TZ": "Europe/Paris"])
        #expect((result.code, result.err) == (0, ""))
        for line in [
            "POST \(server.url)/api/token", "Authorization: Basic ***", "grant_type=client_credentials",
            "GET \(server.url)/api/find/a%2Fb?q=***&at=2026-11-22T23%3A15%3A00%2B0100", "Authorization: Bearer ***",
            "POST \(server.url)/api/act/{{op}}", #"{"k":"***","o":"{{op}}"}"#,
        ] {
            #expect(result.out.contains(line + "\n"), "\(line) is not in\n\(result.out)")
        }
        #expect(!result.out.contains("hush") && !result.out.contains(Base64.encode("me:hush-hush")))
        #expect(server.requests.isEmpty)
        server.stop()
    }

    @Test func twoProcessesAtOnceAskForOneToken() async throws {
        let server = try LoopbackServer { request, _ in
            guard request.line.contains("/token") else {
                return LoopbackServer.answer(200, request.header("authorization") ?? "")
            }
            // Long enough for the others to come.
            usleep(300_000)
            return LoopbackServer.answer(200, #"{"token": "hush-token-1"}"#)
        }
        let place = try Place()
        let path = try place.write(
            "call.yaml",
            "base_url: \(server.url)\nauth: {kind: login, url: /token, token: /token, lifetime: 1h}\nrequest: {path: /a}\noutput: \"{{json}}\"\n"
        )
        let programs = try (0..<3).map { _ in try Program([path], in: place) }
        for program in programs {
            let result = await program.end()
            // An API that sends the token back has it hidden too.
            #expect((result.code, result.out) == (0, "***\ndone: GET \(server.url)/a\n"), "\(result)")
        }
        #expect(server.requests.count { $0.line.contains("/token") } == 1)
        #expect(server.requests.count { $0.header("authorization") == "hush-token-1" } == 3)
        server.stop()
    }

    @Test func linesHaveLevelsUnderCharonRun() async throws {
        let server = try LoopbackServer { _, number in
            number == 1 ? LoopbackServer.answer(503, "busy") : LoopbackServer.answer(200, "a\nb", "X-Id: 7\r\n")
        }
        let place = try Place()
        let result = try await run(
            "base_url: \(server.url)\nrequest: {path: /a}\nlog_headers: [x-id]\nretry: {backoffSeconds: 0}\noutput: [\"{{json}}\", \"{{slug}} {{run}}\"]\n",
            in: place, ["CHARON_SLUG": "s", "CHARON_RUN_ID": "r"])
        #expect(result.code == 0)
        #expect(result.out == "<6>x-id: 7\n<6>a\n<6>b\n<6>s r\n[OK] done: GET \(server.url)/a\n")
        #expect(result.err == "<4>GET \(server.url)/a answered 503: busy; trying again in 0 s\n")
        server.stop()
    }

    @Test func errorsHoldNoSecret() async throws {
        let server = try LoopbackServer { request, _ in LoopbackServer.answer(500, "you sent \(request.head)") }
        let place = try Place()
        let result = try await run(
            "base_url: \(server.url)\nvariables: {k: {environment: K}}\nauth: {kind: query_key, name: apikey, value: \"{{k}}\", allow_in_url: true}\nrequest: {path: \"/a\", headers: {X: \"{{k}}\"}}\n"
                + Self.quick, in: place, ["K": "hush hush/é"])
        #expect(result.code == 76)
        #expect(result.err.contains("answered 500: you sent GET /a?apikey=*** HTTP/1.1"), "\(result.err)")
        #expect(!(result.out + result.err).contains("hush"))
        #expect(server.requests[0].line == "GET /a?apikey=hush%20hush%2F%C3%A9 HTTP/1.1")
        server.stop()
    }

    @Test func eachEndHasItsExitCode() async throws {
        let server = try LoopbackServer { request, _ in
            let path = request.line.split(separator: " ")[1]
            if path == "/fail" { return LoopbackServer.answer(200, #"{"s": "ERROR"}"#) }
            if path == "/wait" { return LoopbackServer.answer(200, #"{"s": "WAIT"}"#) }
            return LoopbackServer.answer(Int(path.dropFirst()) ?? 200)
        }
        let place = try Place()
        let dead = try LoopbackServer.deadPort()
        let base = "base_url: \(server.url)\n" + Self.quick
        for (file, arguments, code) in [
            (base + "request: {path: /200}\n", [], 0),
            (base + "request: {path: /fail}\nexpect: {json: {pointer: /s, failed: ERROR}}\n", [], 1),
            (base + "request: {path: /200}\n", ["--nonsense"], 64), (base + "request: {path: /200}\n", ["novalue"], 64),
            (base + "request: {path: /200}\n", ["--server-dry-run"], 64),
            (base + "request: {method: POST, path: /200, multipart: {a: {file: /nonexistent}}}\n", [], 66),
            ("base_url: http://127.0.0.1:\(dead)\nrequest: {path: /}\n" + Self.quick, [], 69),
            (base + "request: {path: /200}\nsave: {file: /nonexistent/a}\n", [], 73),
            (
                base
                    + "request: {path: /200}\nwait: {request: {path: /wait}, until: {pointer: /s, done: D}, interval: 1h}\n",
                [], 75
            ),
            (base + "request: {path: /404}\n", [], 76), (base + "request: {path: /401}\n", [], 77),
            (base + "request: {path: /403}\n", [], 77),
            (base + "request: {path: 1}\n", [], 78), (base + "variables: {a: {}}\nrequest: {path: /200}\n", [], 78),
            (base + "request: {path: /200}\n", ["a=b"], 78),
            ("base_url: http://example.org\nrequest: {path: /}\n", [], 78),
        ] as [(String, [String], Int32)] {
            let result = try await run(file, arguments, in: place)
            #expect(result.code == code, "\(file)\(arguments)\n\(result)")
            #expect(code == 0 || !result.err.isEmpty)
        }
        server.stop()
    }

    @Test func aSignalEndsItAndLeavesTheFile() async throws {
        let asked = Mutex(false)
        let stop = Mutex(false)
        let server = try LoopbackServer { _, _ in
            asked.withLock { $0 = true }
            while !stop.withLock({ $0 }) { usleep(1000) }
            return nil
        }
        let place = try Place()
        try place.write("out", "before")
        let path = try place.write(
            "call.yaml", "base_url: \(server.url)\nrequest: {path: /a}\nsave: {file: \(place.path)/out}\n")
        let program = try Program([path], in: place)
        while !asked.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        kill(program.pid, SIGTERM)
        #expect(await program.end().code == 128 + SIGTERM)
        stop.withLock { $0 = true }
        #expect(place.read("out") == "before")
        #expect(!Place.names(place.path).contains { $0.hasSuffix(".part") })
        server.stop()
    }

    @Test func aCacheThatCannotBeUsedIsAWarning() async throws {
        let server = try LoopbackServer { _, _ in LoopbackServer.answer(200, #"{"token": "tok-1"}"#) }
        let place = try Place()
        try place.write("cache", "")
        let result = try await run(
            "base_url: \(server.url)\nauth: {kind: login, url: /token, token: /token}\nrequest: {path: /a}\n", in: place
        )
        #expect(result.code == 0)
        #expect(result.err.hasPrefix("warning: tokens are not kept in"))
        server.stop()
    }

    @Test func aCheckListsTheVariables() async throws {
        let place = try Place()
        let result = try await run(
            "base_url: http://localhost\nvariables: {a: {description: what}, k: {environment: K}}\nrequest: {path: \"/{{a}}\"}\n",
            ["--check"], in: place)
        #expect(result.code == 0)
        #expect(
            result.out
                == "\(place.path)/call.yaml: no mistakes\n  a (string, required): what\n  k (string, environment K)\n")
    }
}
