import CharonCore
import Glibc
import Testing

/// Where the key goes: to the configured server alone, and in the clear only if that is allowed.
@Suite(.serialized)
struct KeyOnTheNetworkTests {
    /// No interface of the host has this address (RFC 5737).
    private static let address = "198.51.100.7"

    @Test func plainHTTPBeyondThisHostIsRefused() async throws {
        try await Site.with { site in
            try await site.register(["job"])
            site.url = "http://\(Self.address)/api"
            await #expect(throws: Failed.self) { try await site.startDaemon() }
            #expect(try await site.daemon?.exitCode() == 78)
            #expect(site.daemonLog.contains("plain http to \(Self.address)"))
            let line = try await site.run("job", script: "exit 3", environment: site.withoutDaemon())
            #expect(line.exitCode == ExitCode.ownFailure)
            #expect(line.complaints.count == 1, "\(line.error)")
            #expect(line.error.contains("plain http to \(Self.address)"), "\(line.error)")
        }
    }

    enum Permission: CaseIterable {
        case file, environment, lineWithoutDaemon
    }

    /// A server beyond loopback, in a network of the test's own.
    @Test(.enabled(if: geteuid() == 0, "not root"), arguments: Permission.allCases)
    func plainHTTPBeyondThisHostIsForThoseWhoAllowIt(by permission: Permission) async throws {
        try await Site.with { site in
            let network = try await site.makeNetwork(with: Self.address)
            try await site.serve(["job"], options: ["--allow-remote"], on: Self.address, prefix: network)
            #expect(site.url.hasPrefix("http://\(Self.address):"))
            let file = "\(site.path)/charon.yaml"
            for isAllowed in [false, true] {
                var arguments: [String] = []
                var environment: [String: String] = [:]
                switch permission {
                case .file:
                    let setting = isAllowed ? ", allow_plain_http: true" : ""
                    try write(
                        "applications: {default: {url: \"\(site.url)\", key_file: \(site.keyFile)\(setting)}}\n",
                        to: file, mode: 0o644)
                    arguments = ["--config", file]
                case .environment, .lineWithoutDaemon:
                    if isAllowed { environment["CHARON_ALLOW_PLAIN_HTTP"] = "1" }
                }
                if permission != .lineWithoutDaemon {
                    guard isAllowed else {
                        await #expect(throws: Failed.self) {
                            try await site.startDaemon(arguments, environment: environment, prefix: network)
                        }
                        #expect(try await site.daemon?.exitCode() == 78)
                        continue
                    }
                    try await site.startDaemon(arguments, environment: environment, prefix: network)
                    #expect(try await site.run("job", script: "exit 3").exitCode == 3)
                } else {
                    // A private daemon keeps what its first line allowed.
                    var variables = site.withoutDaemon(home: isAllowed ? "home" : "other")
                    mkdir("\(site.path)/other", 0o755)
                    for (name, value) in environment { variables[name] = value }
                    let line = try await site.run(
                        "job", command: ["sh", "-c", "exit 3"], environment: variables, prefix: network)
                    #expect(line.exitCode == (isAllowed ? 3 : ExitCode.ownFailure), "\(line.error)")
                    #expect(line.error.contains("plain http to \(Self.address)") == !isAllowed, "\(line.error)")
                }
                if !isAllowed { #expect(try await site.executions(of: "job").isEmpty) }
            }
            #expect(try await site.ended("job").message.contains("exited with code 3"))
        }
    }

    /// Each call answered with a redirect to a server that would take it.
    @Test(arguments: ["can-start", "start", "message", "end"], [302, 307, 308])
    func aRedirectIsNotFollowed(of call: String, status: Int) async throws {
        try await Site.with { site in
            let target = try StubServer(StubServer.usual)
            let stub = try StubServer { request in
                guard request.call == call else { return StubServer.usual(request) }
                let location = target.url + request.path.dropFirst("/api".count)
                return .reply(status, "", headers: "Location: \(location)\r\n")
            }
            defer {
                stub.stop()
                target.stop()
            }
            site.url = stub.url
            try write("key-of-the-stub\n", to: site.keyFile)
            try await site.startDaemon()
            #expect(try await site.run("job", script: "echo hello; exit 9").exitCode == 9)
            // A redirect is no answer, so the call is made again.
            try await eventually("the second \(call)") { stub.calls.count { $0 == call } >= 2 }
            #expect(stub.requests.allSatisfy { $0.headers["x-api-key"] == "key-of-the-stub" })
            #expect(target.requests.isEmpty)
            // The instrument: the target is there.
            _ = try await output(["curl", "-sS", "\(target.url)/job/can-start"], in: site.path)
            #expect(target.calls == ["can-start"])
        }
    }
}
