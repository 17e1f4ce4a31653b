import CharonCapture
import CharonCore
import CharonLevels
import Testing

@testable import charon_run

@Suite struct OptionTests {
    private func parse(_ words: String...) throws(CharonError) -> CommandLineRequest {
        try OptionParser.parse(words.map { Array($0.utf8) })
    }

    private func options(_ words: [String]) throws -> Options {
        guard case .run(let options) = try OptionParser.parse(words.map { Array($0.utf8) }) else {
            throw Missing(what: "a run")
        }
        return options
    }

    @Test func theShortestLine() throws {
        let options = try options(["nightly", "--", "true"])
        #expect(options.slug.text == "nightly")
        #expect(options.command == [Array("true".utf8)])
        #expect(options.timeout == nil && options.wait == nil && options.application == nil && options.record == nil)
        #expect(options.stopGrace == .seconds(10) && !options.isQuiet)
    }

    @Test(arguments: [true, false]) func everyOption(isAttached: Bool) throws {
        let pairs = [
            ("--application", "shop"), ("--timeout", "1h"), ("--stop-grace", "500ms"), ("--success-codes", "0,3-5"),
            ("--when-unreachable", "skip"), ("--overlap", "wait"), ("--wait", "3"), ("--cron-id", "a/b c"),
            ("--record", "7:9"),
        ]
        let words = pairs.flatMap { isAttached ? ["\($0)=\($1)"] : [$0, $1] }
        let options = try options(words + ["--quiet", "s", "--", "cmd", "--timeout", "--"])
        #expect(options.application == "shop" && options.cronID?.text == "a/b c")
        #expect(options.timeout == .seconds(3600) && options.stopGrace.milliseconds == 500)
        #expect(options.successCodes == SuccessCodes("0,3-5") && options.overlap == .wait)
        #expect(options.whenUnreachable == .skip && options.wait == .seconds(3) && options.isQuiet)
        #expect(options.record?.supervisor == 7 && options.record?.output == 9)
        #expect(options.command.map { String(decoding: $0, as: UTF8.self) } == ["cmd", "--timeout", "--"])
    }

    @Test func redactionsAddUp() throws {
        let options = try options(["--redact", "one=*", "--redact=two=?", "s", "--", "x"])
        #expect(try options.redactions == [RedactionGlob("one=*".utf8), RedactionGlob("two=?".utf8)])
    }

    @Test func levelRulesAddUpAndPresetsAreNamed() throws {
        let words = ["--level", "error:contains:full: no space", "--level=drop:glob:*%*", "--send-level", "warning"]
        let options = try options(words + ["--level-presets=php,json", "s", "--", "x"])
        let rules = options.levels?.rules.map(\.description)
        #expect(rules == ["error:contains:full: no space", "drop:glob:*%*"])
        #expect(options.levels?.presets == [.php, .json] && options.sendLevel == .warning)
        #expect(try self.options(["--level-presets", "none", "s", "--", "x"]).levels?.presets == [])
        #expect(try self.options(["s", "--", "x"]).levels == nil)
    }

    @Test func optionsMayFollowTheSlug() throws { #expect(try options(["s", "--quiet", "--", "x"]).isQuiet) }

    @Test func helpAndVersionWinWhereTheyStand() throws {
        guard case .help = try parse("--help") else { throw Missing(what: "help") }
        guard case .help = try parse("-h", "nonsense") else { throw Missing(what: "help") }
        guard case .version = try parse("s", "--version") else { throw Missing(what: "version") }
        guard case .run = try parse("s", "--", "--help") else { throw Missing(what: "a run") }
    }

    @Test(
        arguments: [
            ([], "a slug and a command are missing"), (["s"], "the command is missing: -- COMMAND [ARG...]"),
            (["s", "--"], "the command is missing after '--'"), (["s", "--", ""], "the command after '--' is empty"),
            (["--", "x"], "the slug is missing before '--'"), (["a/b", "--", "x"], "'a/b' is no slug: \(Slug.rule)"),
            (["s", "x"], "'x' is not expected here: the command comes after '--', as in charon-run s -- x"),
            (["--nope", "s", "--", "x"], "unknown option '--nope'; charon-run --help lists what there is"),
            (["--quiet=1", "s", "--", "x"], "--quiet takes no value"),
            (["--quiet", "--quiet", "s", "--", "x"], "--quiet is given twice"),
            (["s", "--timeout"], "--timeout needs a value"),
            (
                ["--level=error:like:x", "s", "--", "x"],
                "--level: \"like\" is no match of a rule; use one of starts_with, contains, glob"
            ),
            (
                ["--send-level=loud", "s", "--", "x"],
                "--send-level: 'loud' is not allowed: it is one of info, warning, error, success"
            ),
            (["--redact=*", "s", "--", "x"], "--redact: '*' is not allowed: \(RedactionGlob.rule)"),
            (["s", "--timeout", "--", "x"], "--timeout needs a value"),
            (["--timeout=x", "s", "--", "x"], "--timeout: 'x' is not allowed: \(TimeSpan.rule), above 0"),
            (["--timeout=0", "s", "--", "x"], "--timeout: '0' is not allowed: \(TimeSpan.rule), above 0"),
            (["--stop-grace=", "s", "--", "x"], "--stop-grace: '' is not allowed: \(TimeSpan.rule)"),
            (["--wait=-1", "s", "--", "x"], "--wait: '-1' is not allowed: \(TimeSpan.rule)"),
            (["--success-codes=256", "s", "--", "x"], "--success-codes: '256' is not allowed: \(SuccessCodes.rule)"),
            (["--overlap=no", "s", "--", "x"], "--overlap: 'no' is not allowed: it is one of allow, skip, wait"),
            (["--when-unreachable", "x", "s"], "--when-unreachable: 'x' is not allowed: it is one of last, run, skip"),
            (["--cron-id=", "s", "--", "x"], "--cron-id: '' is not allowed: an id that Charon gave"),
            (
                ["--record=1:5", "s"],
                "--record: '1:5' is not allowed: SUPERVISOR:OUTPUT, two descriptor numbers above 2"
            ),
            (
                ["--record=5:5", "s"],
                "--record: '5:5' is not allowed: SUPERVISOR:OUTPUT, two descriptor numbers above 2"
            ),
        ] as [([String], String)])
    func badLines(words: [String], message: String) throws {
        do {
            _ = try OptionParser.parse(words.map { Array($0.utf8) })
            Issue.record("\(words) was taken")
        } catch {
            #expect(error.message == message)
            #expect(error.code == .usage)
        }
    }

    @Test func theHelpNamesEveryOptionAndVariable() {
        let variables = [
            "CHARON_URL", "CHARON_API_KEY", "CHARON_API_KEY_FILE", "CREDENTIALS_DIRECTORY", "CHARON_SOCKET",
            "CHARON_ALLOW_PLAIN_HTTP", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME", "TMPDIR",
        ]
        for word in OptionParser.names.sorted() + ["--help", "-h", "--version", "125", "126", "127", "124"] + variables
        {
            #expect(Help.text.contains(" \(word)") || Help.text.contains("\n\(word)"), "\(word)")
        }
        #expect(Help.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test func aBadLineExitsWith125AndOneLine() throws {
        let run = try Wrapped(["true"], options: ["--timeout", "never"])
        #expect(try run.exitCode() == ExitCode.ownFailure)
        let rule = "charon-run: --timeout: 'never' is not allowed: \(TimeSpan.rule), above 0\n"
        #expect(try run.text("stderr") == rule)
        #expect(try run.file("supervisor").isEmpty)
    }
}
