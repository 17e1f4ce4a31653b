import CharonJobs
import Testing

@testable import CharonCall

@Suite struct MistakeTests {
    /// What stands in a file, and what is said of it.
    @Test(arguments: [
        ("", "f:1:1: the file is empty"),
        ("[]", "f:1:1: the call file must be a mapping"),
        ("request: {path: /}", "f:1:1: the call file has no \"base_url\""),
        ("base_url: http://localhost", "f:1:1: the call file needs \"request\", or \"steps\""),
        ("base_url: http://localhost\nrequest: {}", "f:2:10: \"request\" has no \"path\""),
        (
            "base_url: http://localhost\nreqest: {path: /}",
            "f:2:1: unknown key \"reqest\" in the call file: did you mean \"request\"?"
        ),
        ("base_url: http://localhost\nrequest: {path: /a?b=c}", "f:2:17: \"path\" must not hold '?'"),
        ("base_url: http://localhost\nrequest: {path: \"{{a}}\"}", "f:2:17: \"path\" must begin with '/'"),
        ("base_url: http://localhost\nrequest: {path: \"/{{x}}\"}", "f:2:19: \"x\" stands for nothing here"),
        ("base_url: http://localhost\nrequest: {path: \"/{{nwo}}\"}", "did you mean \"now\"?"),
        ("base_url: http://localhost\nrequest: {path: \"/{{#a}}b{{/a}}\"}", "f:2:19: \"path\" has a tag that is none"),
        (
            "base_url: http://localhost\nrequest: {path: /}\noutput: \"{{>a}}\"",
            "f:3:10: an element of \"output\" has a tag that is none"
        ),
        (
            "base_url: http://localhost\nrequest: {path: /}\noutput: \"{{{now}}}\"",
            "f:3:10: an element of \"output\" has a tag that is none"
        ),
        ("base_url: http://localhost\nrequest: {path: /}\noutput: \"{{=<% %>=}}\"", "has a tag that is none"),
        (
            "base_url: http://localhost\nrequest: {path: /}\noutput: \"é {{now\"",
            "f:3:12: an element of \"output\" has a {{ without its }}"
        ),
        (
            "base_url: http://localhost\nrequest: {path: /, json: 1, method: GET}",
            "\"request\" has a body, which GET does not take"
        ),
        (
            "base_url: http://localhost\nrequest: {path: /, json: 1, form: {a: b}, method: POST}",
            "\"request\" has several bodies"
        ),
        ("base_url: http://localhost\nsteps: []", "f:2:8: \"steps\" must be a list of one to eight steps"),
        ("base_url: http://localhost\nsteps: [{name: a}]", "f:2:9: step 1 has no \"request\""),
        (
            "base_url: http://localhost\noutput: x\nsteps: [{name: a, request: {path: /}}]",
            "f:2:1: \"output\" stands beside \"steps\""
        ),
        (
            "base_url: http://localhost\nsteps: [{name: a, request: {path: \"/{{i}}\"}}, {name: b, request: {path: /}, values: {i: /i}}]",
            "f:2:37: \"i\" stands for nothing here"
        ),
        ("base_url: http://localhost\nvariables: {now: {}}\nrequest: {path: /}", "f:2:13: \"now\" is built in"),
        (
            "base_url: http://localhost\nvariables: {a-b: {}}\nrequest: {path: /}",
            "f:2:13: the name of a variable is no name"
        ),
        (
            "base_url: http://localhost\nvariables: {a: {credential: k, environment: K}}\nrequest: {path: /}",
            "f:2:13: \"a\" has several sources"
        ),
        (
            "base_url: http://localhost\nvariables: {a: {secret: true}}\nrequest: {path: /}",
            "f:2:13: \"a\" is secret and has no source"
        ),
        (
            "base_url: http://localhost\nvariables: {a: {file: /k, default: hush}}\nrequest: {path: /}",
            "\"default\" may only be empty"
        ),
        (
            "base_url: http://localhost\nvariables: {a: {default: \"{{b}}\"}, b: {default: c}}\nrequest: {path: /}",
            "f:2:27: \"b\" stands for nothing here"
        ),
        (
            "base_url: http://localhost\nvariables: {a: {default: b}}\nrequest: {path: /}\nvalues: {a: /a}",
            "f:4:10: \"a\" stands for something else already"
        ),
        (
            "base_url: http://localhost\nauth: {kind: query_key, name: k, value: v}\nrequest: {path: /}",
            "f:2:7: \"auth\" puts a secret into URLs"
        ),
        (
            "base_url: http://localhost\nauth: {kind: basic, user: u}\nrequest: {path: /}",
            "f:2:7: \"auth\" of kind basic needs \"password\""
        ),
        (
            "base_url: http://localhost\nauth: {kind: basic, user: u, password: p, url: /t}\nrequest: {path: /}",
            "f:2:43: unknown key \"url\" in \"auth\" of kind basic"
        ),
        (
            "base_url: http://localhost\nrequest: {path: /}\nwait: {request: {path: /}, until: {pointer: /s, status: {done: 200}, done: D}}",
            "needs either \"pointer\""
        ),
        (
            "base_url: http://localhost\nbase_url: http://b\nrequest: {path: /}",
            "f:2:1: the key \"base_url\" appears more than once"
        ),
        ("base_url: http://localhost\nrequest: &a {path: /}\nwait: {request: *a}", "anchors and aliases"),
        ("base_url: [\n", "invalid YAML"),
    ])
    func aMistakeIsNamedAtItsPlace(_ text: String, _ message: String) {
        #expect(Reading.problems(text).contains(message), "\(Reading.problems(text))")
    }

    @Test func allMistakesAreToldAtOnce() {
        let text =
            "base_url: http://localhost\ntimeout: soon\nrequest: {path: x, method: get}\nretry: {maxRetries: -1}\n"
        #expect(
            Reading.problems(text).split(separator: "\n").map { $0.prefix(6) } == [
                "f:2:10", "f:3:17", "f:3:28", "f:4:21",
            ])
    }

    @Test func noMessageRepeatsAValue() {
        let text =
            "base_url: http://localhost\ntimeout: hush-1\nauth: {kind: hush-2}\nrequest: {path: hush-3, method: hush-4}\nlog_headers: [hush 5]\n"
        #expect(!Reading.problems(text).contains("hush"))
        #expect(Reading.problems(text).split(separator: "\n").count == 5)
    }

    @Test func aFileThatOthersMayWriteIsRefused() throws {
        let place = try Place()
        let path = try place.write("a.yaml", "base_url: http://localhost\nrequest: {path: /}\n", mode: 0o666)
        let error = #expect(throws: SettingsError.self) { try CallFile.load(path) }
        #expect(error?.problems.first?.code == .trust)
        try place.write("a.yaml", "base_url: http://localhost\nrequest: {path: /}\n", mode: 0o644)
        _ = try CallFile.load(path)
    }
}
