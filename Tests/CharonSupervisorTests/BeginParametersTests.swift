import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The parameters of Begin")
struct BeginParametersTests {
    private static let run = RunID(at: noon, random: 1)

    /// Good parameters with some of them replaced; nil takes one away.
    private static func json(_ changes: [String: JSON?] = [:]) -> JSON {
        var members: [String: JSON] = ["run": .string(run.text), "slug": "nightly", "argv": ["sh", "-c", "true"]]
        for (name, value) in changes { members[name] = value }
        return .object(members.map { JSON.Member($0.key, $0.value) })
    }

    private static func read(_ json: JSON, defaults: Policies = Policies()) throws(BeginParameters.Invalid)
        -> BeginParameters
    {
        try BeginParameters(json, peer: Peer(uid: 1001), defaults: defaults, application: "main", at: noon)
    }

    @Test("What is not said has its default; the user is the kernel's word")
    func defaults() throws {
        var policies = Policies()
        policies.whenUnreachable = .skip
        policies.whenUnregistered = .skip
        policies.whenUncertain = .never
        let request = try Self.read(
            Self.json(["uid": 0, "timeout_ms": .null, "credentials": .null]), defaults: policies
        )
        .request
        #expect(request.run == Self.run)
        #expect(request.argv == ["sh", "-c", "true"])
        #expect(request.uid == 1001)
        #expect(request.application == "main")
        #expect(request.askedAt == noon)
        #expect(request.policies == policies)
        #expect(request.timeout == nil)
        #expect(request.cronID == nil)
    }

    @Test("What is said is taken")
    func everything() throws {
        let parameters = try Self.read(
            Self.json([
                "application": "shop", "directory": "/srv", "cron_id": "12", "when_unreachable": "run",
                "overlap": "wait", "success_codes": "0,3", "timeout_ms": 90_000,
                "asked_at": .string((noon + -3600).rfc3339),
                "credentials": ["url": "https://charon.test/api", "key": "secret"],
            ]))
        let request = parameters.request
        #expect(request.application == "shop")
        #expect(request.directory == "/srv")
        #expect(request.cronID == CronID("12"))
        #expect(request.policies.whenUnreachable == .run)
        #expect(request.policies.overlap == .wait)
        #expect(request.policies.successCodes == SuccessCodes("0,3"))
        #expect(request.timeout == .seconds(90))
        #expect(request.askedAt == noon + -3600)
        #expect(parameters.credentials?.url == "https://charon.test/api")
        #expect(!"\(parameters)".contains("secret"))
        #expect(RunRequest(json: request.json) == request)
    }

    static let bad: [(String, [JSON?])] = [
        ("run", [nil, .null, "", "x", 1, "../../../../etc/shadow-0123456789"]),
        ("slug", [nil, "", "..", "a/b", "-a", .string(String(repeating: "a", count: 101)), 1]),
        ("argv", [nil, .null, "true", [], ["true", 1], [["true"]]]),
        ("application", ["", "_default", "../x", 1, ["a"]]),
        ("directory", [1, false]),
        ("cron_id", ["", 12]),
        ("when_unreachable", ["", "never", 1]),
        ("overlap", ["", "Skip", true]),
        ("success_codes", ["", "256", "3-1", 0]),
        (
            "timeout_ms",
            ["1s", 0, -1, .real(1.5), .integer(.max), .integer(TimeSpan.longest + 1)]
        ),
        ("asked_at", ["", "yesterday", 0, .string((noon + 3600).rfc3339)]),
        ("credentials", ["key", ["url": "x"], ["key": "x"], ["url": 1, "key": "x"], ["url": "x", "key": ""]]),
    ]

    @Test("Each wrong parameter is named", arguments: bad)
    func wrong(name: String, values: [JSON?]) throws {
        for value in values {
            let error = #expect(throws: BeginParameters.Invalid.self) { try Self.read(Self.json([name: value])) }
            #expect(error?.parameter == name, "\(value.map { "\($0)" } ?? "none")")
        }
    }

    @Test("Every request that is accepted can be read from its record again")
    func readable() throws {
        for timeout in [1, TimeSpan.longest] {
            let request = try Self.read(Self.json(["timeout_ms": .integer(timeout), "argv": ["\u{0}\u{1F600}\n"]]))
                .request
            #expect(try RunRequest(json: JSON.parse(request.json.bytes)) == request)
        }
    }
}
