import CharonCapture
import CharonCore
import CharonLevels
import CharonRuns
import Glibc
import Testing

@testable import charon_run

/// That secrets are in no file of a record and in no entry of the journal, through the real charon-run.
@Suite(.serialized) struct RedactionTests {
    private static let secret = "s3cr3t/With+64=="
    private let journald: TestJournald

    init() throws { journald = try TestJournald() }

    /// The command finds the secret in `$API_TOKEN`.
    private func wrap(_ script: String, options: [String] = [], more: String = "") throws -> Wrapped {
        try Wrapped(
            ["/bin/sh", "-c", script], options: options,
            shell: "export API_TOKEN='\(Self.secret)'; \(more)\n\(journald.shell)")
    }

    private func expectNoSecret(_ run: Wrapped, _ secret: String = secret) throws {
        for name in ["output.log", "supervisor"] {
            #expect(!(try run.text(name)).contains(secret), "\(name)")
        }
        for entry in try journald.entries() { #expect(!entry.values.contains { $0.contains(secret) }) }
    }

    private func texts(_ run: Wrapped) throws -> [String] {
        try run.log().map { String(decoding: $0.text, as: UTF8.self) }
    }

    @Test(arguments: ["1", "2"]) func inALine(descriptor: String) throws {
        let run = try wrap("echo \"is $API_TOKEN!\" >&\(descriptor)")
        #expect(try run.exitCode() == 0)
        #expect(try texts(run) == ["is <redacted>!"])
        #expect(try run.text(descriptor == "1" ? "stdout" : "stderr") == "is \(Self.secret)!\n")
        #expect(try journald.entries().map { $0["MESSAGE"] } == ["is <redacted>!"])
        try expectNoSecret(run)
    }

    /// Longer than any idle time after which what has no newline is recorded.
    @Test(arguments: [1, 8, 15]) func inTwoWritesWithAPause(count: Int) throws {
        let run = try wrap(
            "printf 'a: %.\(count)s' \"$API_TOKEN\"; sleep 1.4; "
                + "printf '%s\\nb' \"${API_TOKEN#\(String(repeating: "?", count: count))}\"")
        #expect(try run.exitCode() == 0)
        #expect(try run.log().map(\.isPartial) == [true, false, false])
        #expect(try texts(run) == ["a: ", "<redacted>", "b"])
        #expect(try run.text("stdout") == "a: \(Self.secret)\nb")
        #expect(try journald.entries().map { $0["MESSAGE"] } == ["a: <redacted>", "b"])
    }

    @Test func whatOnlyBeginsLikeASecretComesAtTheEnd() throws {
        let run = try wrap("printf 'a: %.9s' \"$API_TOKEN\"; sleep 0.6")
        #expect(try run.exitCode() == 0)
        #expect(try texts(run).joined() == "a: " + Self.secret.prefix(9))
        #expect(try run.ended().stdoutLines == 1)
    }

    /// Around the places where a long line is cut into entries.
    @Test(arguments: [16_384, 65_536, 102_400], [-15, -1, 0, 1]) func inALongLine(length: Int, offset: Int) throws {
        let run = try wrap(
            "head -c \(length + offset) /dev/zero | tr '\\0' x; printf '%s' \"$API_TOKEN\"; "
                + "head -c 40000 /dev/zero | tr '\\0' y; echo")
        #expect(try run.exitCode() == 0)
        let expected =
            String(repeating: "x", count: length + offset) + Redactor.mark + String(repeating: "y", count: 40_000)
        #expect(try texts(run).joined() == expected)
        try expectNoSecret(run)
    }

    @Test(arguments: [
        "printf '%s' \"$API_TOKEN\"", "printf 'x\\n%s' \"$API_TOKEN\" >&2", "(sleep 0.4; echo \"$API_TOKEN\") &",
    ])
    func atTheEnd(script: String) throws {
        let run = try wrap(script)
        #expect(try run.exitCode() == 0)
        try eventually("the last line") { try self.texts(run).last == Redactor.mark }
        try expectNoSecret(run)
    }

    /// Begun under the supervisor and ended under the drainer.
    @Test func inTwoProcesses() throws {
        let run = try wrap("printf '%.6s' \"$API_TOKEN\"; (sleep 0.5; printf '%s\\n' \"${API_TOKEN#??????}\") & exit 0")
        #expect(try run.exitCode() == 0)
        try eventually("the last line") { try self.texts(run) == [Redactor.mark] }
        try expectNoSecret(run)
    }

    @Test func withoutARuleOfOnesOwn() throws {
        let run = try wrap(
            "echo 'mysql://root:hunter2@db/x'; echo 'Authorization: Bearer abc' >&2; echo session=1234 rest",
            options: ["--redact", "session=*", "--redact=nothing?"])
        #expect(try run.exitCode() == 0)
        #expect(
            try texts(run).sorted() == [
                "Authorization: Bearer <redacted>", "mysql://root:<redacted>@db/x", "session=<redacted> rest",
            ])
        try expectNoSecret(run, "hunter2")
        #expect(try run.text("stdout").contains("hunter2"))
    }

    @Test func theKeyOfCharonIsOne() throws {
        let run = try wrap("echo key-of-charon", more: "export CHARON_API_KEY=key-of-charon")
        #expect(try run.exitCode() == 0)
        #expect(try texts(run) == [Redactor.mark])
    }

    @Test func inAComplaint() throws {
        let run = try Wrapped(
            ["/nonexistent/\(Self.secret)"], shell: "export API_TOKEN='\(Self.secret)'; \(journald.shell)")
        #expect(try run.exitCode() == 127)
        #expect(try run.text("stderr").contains("/nonexistent/<redacted>"))
        try expectNoSecret(run)
        let bad = try Wrapped(
            ["true"], options: ["--timeout", Self.secret],
            shell: "export API_TOKEN='\(Self.secret)'; \(journald.shell)")
        #expect(try bad.exitCode() == ExitCode.ownFailure)
        #expect(try bad.text("stderr").contains("--timeout: '<redacted>' is not allowed"))
    }

    /// A record of its own, as there is no daemon; the key is in a file that is read in vain.
    @Test func inTheWordsOfTheCommand() throws {
        let run = try Wrapped(
            ["sh", "-c", "echo \"$0 $1\"; exit 3", "--pass=\(Self.secret)", "http://u:pw@h"],
            options: ["--quiet"],
            shell: """
                program=$1; shift 3; exec 3>&- 4>&-
                cd "${TMPDIR:-/tmp}"; mkdir "redaction-$$"; export XDG_STATE_HOME=$PWD/redaction-$$
                export API_TOKEN='\(Self.secret)' CHARON_JOURNAL_SOCKET=\(journald.path)
                export CHARON_SOCKET=$XDG_STATE_HOME/none
                "$program" "$@"; code=$?
                grep -rlF -e "$API_TOKEN" -e u:pw "$XDG_STATE_HOME"
                cat "$XDG_STATE_HOME"/charon/handover/runs/test/*/run.json
                rm -r "$XDG_STATE_HOME"; exit $code
                """)
        #expect(try run.exitCode() == 3)
        let output = try run.text("stdout")
        #expect(output.hasPrefix("{") && output.contains(#""--pass=<redacted>","http://u:<redacted>@h""#), "\(output)")
        try expectNoSecret(run)
    }

    // MARK: The environment

    @Test(arguments: [
        "TOKEN=12345678", "GITHUB_TOKEN=12345678", "apiKey=12345678", "db_Password=12345678", "X_SECRET=12345678",
        "A_KEY=/nonexistent/12345678",
    ])
    func theseAreSecrets(entry: String) {
        let rules = RedactionRules(environment: [Array("OTHER=x".utf8), Array(entry.utf8)])
        #expect(
            rules.redacted("a /nonexistent/12345678 b 12345678").hasSuffix("<redacted> b 12345678")
                || rules.redacted("12345678") == Redactor.mark)
    }

    @Test(arguments: [
        "TOKENS=12345678", "PWD=12345678", "A_KEY=1234567", "SSL_KEY=/dev/null", "A_KEY_FILE=12345678", "KEY",
    ])
    func theseAreNone(entry: String) {
        let rules = RedactionRules(environment: [Array(entry.utf8)])
        #expect(rules.redacted("x 12345678 /dev/null KEY") == "x 12345678 /dev/null KEY")
    }

    @Test func aWordIsRedactedBeforeItIsCut() throws {
        let secret = String(repeating: "0123456789abcdef", count: 4)
        var options = Options(slug: try #require(Slug("s")), command: [])
        options.command = [[UInt8](repeating: 0x78, count: 32_740), Array(secret.utf8)]
        let rules = RedactionRules(environment: [Array("A_KEY=\(secret)".utf8)])
        var call = RunCall(options, rules)
        #expect(call.argv[1] == Redactor.mark)
        call.redact(RedactionRules(environment: [Array("A_KEY=xxxxxxxxx".utf8)]))
        #expect(call.argv[0].hasPrefix(Redactor.mark))
    }
}
