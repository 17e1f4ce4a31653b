import CharonCore
import Glibc
import Testing

@Suite struct OutcomeTests {
    static let every: [RunOutcome] =
        SkipReason.allCases.map { .skipped($0) } + (0...255).map { .exited(code: $0) }
        + (1...64).flatMap { [.killed(signal: $0), .stopped(by: "SIGTERM", signal: $0)] }
        + [.couldNotStart(step: "exec", errno: 2), .couldNotStart(step: "chdir", errno: 4095)]
        + [.timedOut(afterSeconds: 0), .timedOut(afterSeconds: 1.5), .lost]

    @Test func comesBackFromItsRecord() throws {
        for outcome in Self.every {
            #expect(RunOutcome(json: try JSON.parse(outcome.json.bytes)) == outcome)
        }
    }

    @Test(arguments: [
        "null", "{}", #"{"kind":"won"}"#, #"{"kind":1}"#, #"{"kind":"exited"}"#, #"{"kind":"exited","code":256}"#,
        #"{"kind":"exited","code":-1}"#, #"{"kind":"exited","code":"0"}"#, #"{"kind":"exited","code":0.0}"#,
        #"{"kind":"killed","signal":0}"#, #"{"kind":"killed","signal":65}"#, #"{"kind":"skipped"}"#,
        #"{"kind":"skipped","reason":"tired"}"#, #"{"kind":"could-not-start","step":"exec"}"#,
        #"{"kind":"could-not-start","errno":2}"#, #"{"kind":"could-not-start","step":"exec","errno":-2}"#,
        #"{"kind":"timed-out"}"#, #"{"kind":"timed-out","after":-1}"#, #"{"kind":"stopped","signal":15}"#,
        #"{"kind":"stopped","by":"SIGTERM"}"#, #"["lost"]"#,
    ])
    func isNeverGuessed(_ text: String) throws {
        #expect(RunOutcome(json: try JSON.parse(text.utf8)) == nil)
    }

    @Test func everyExitCodeIsPassedOn() {
        for code in Int32(0)...255 { #expect(ExitCode.of(.exited(code: code)) == code) }
    }

    @Test func everySignalIs128More() {
        for signal in Int32(1)...64 {
            #expect(ExitCode.of(.killed(signal: signal)) == 128 + signal)
            #expect(ExitCode.of(.stopped(by: "someone", signal: signal)) == 128 + signal)
        }
    }

    @Test(
        arguments: [
            (.couldNotStart(step: "exec", errno: ENOENT), 127), (.couldNotStart(step: "exec", errno: EACCES), 126),
            (.couldNotStart(step: "exec", errno: ENOEXEC), 126), (.couldNotStart(step: "exec", errno: EISDIR), 126),
            (.couldNotStart(step: "exec", errno: E2BIG), 126), (.couldNotStart(step: "fork", errno: EAGAIN), 125),
            (.couldNotStart(step: "chdir", errno: ENOENT), 125), (.couldNotStart(step: "setgid", errno: EPERM), 125),
            (.timedOut(afterSeconds: 3), 124), (.lost, 125), (.skipped(.off), 0), (.skipped(.notRegistered), 0),
            (.skipped(.unreachable), 0), (.skipped(.overlap), 0),
        ] as [(RunOutcome, Int32)])
    func theRestHasTheShellsCodes(_ outcome: RunOutcome, _ code: Int32) {
        #expect(ExitCode.of(outcome) == code)
    }

    @Test(
        arguments: [
            ("0", [0], "0"), ("0,3,10-12", [0, 3, 10, 11, 12], "0,3,10-12"), ("255", [255], "255"), ("7-7", [7], "7"),
            ("3,0", [0, 3], "3,0"), ("1-2,2-3", [1, 2, 3], "1-2,2-3"),
        ] as [(String, [Int32], String)])
    func successCodesAreRead(_ text: String, _ codes: [Int32], _ description: String) throws {
        let found = try #require(SuccessCodes(text))
        #expect((-1...256).filter(found.contains) == codes)
        #expect(found.description == description)
        #expect(SuccessCodes(found.description) == found)
    }

    @Test(arguments: [
        "", ",", "0,", ",0", "256", "-1", "1-", "-", "2-1", "1-2-3", "a", "0 ", "0x1", "0, 1", "1..2", "+1", "1-+2",
        "٣",
    ])
    func successCodesRefuse(_ text: String) {
        #expect(SuccessCodes(text) == nil)
    }

    @Test func onlyAnExitIsASuccess() throws {
        let all = try #require(SuccessCodes("0-255"))
        for outcome in Self.every {
            let exited = if case .exited = outcome { true } else { false }
            #expect(all.isSuccess(outcome) == exited)
            #expect(SuccessCodes.zero.isSuccess(outcome) == (outcome == .exited(code: 0)))
        }
    }
}
