import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("What an end says")
struct EndReportTests {
    private func ended(_ outcome: RunOutcome) -> SupervisorRecord.Ended {
        var ended = SupervisorRecord.Ended(at: noon, outcome: outcome, exitCode: ExitCode.of(outcome))
        ended.duration = TimeSpan(milliseconds: 1500)
        return ended
    }

    private func report(
        _ ended: SupervisorRecord.Ended, _ delivery: DeliveryRecord = DeliveryRecord(), errors: [String] = [],
        codes: String = "0"
    ) throws -> EndReport {
        let codes = try #require(SuccessCodes(codes))
        return EndReport(try request { $0.successCodes = codes }, delivery, ended, lastErrors: errors)
    }

    static let outcomes: [(RunOutcome, Bool, String)] = [
        (.exited(code: 0), true, "exited with code 0 after 1.5 s; 0 lines on stdout, 0 on stderr"),
        (.exited(code: 3), false, "exited with code 3 after 1.5 s; 0 lines on stdout, 0 on stderr"),
        (.killed(signal: 9), false, "killed by signal 9 after 1.5 s; 0 lines on stdout, 0 on stderr"),
        (
            .timedOut(afterSeconds: 90), false,
            "ended by its timeout of 1 min 30 s after 1.5 s; 0 lines on stdout, 0 on stderr"
        ),
        (
            .stopped(by: "SIGTERM", signal: 15), false,
            "stopped by SIGTERM (signal 15) after 1.5 s; 0 lines on stdout, 0 on stderr"
        ),
        (
            .couldNotStart(step: "exec", errno: 2), false,
            "could not start (exec: No such file or directory); 0 lines on stdout, 0 on stderr"
        ),
        (.lost, false, "lost: its supervisor died before it could tell how the command ended"),
    ]

    @Test("Each outcome has its sentence, type and success", arguments: outcomes)
    func outcome(_ outcome: RunOutcome, isSuccess: Bool, text: String) throws {
        let report = try report(ended(outcome))
        #expect(report.isSuccess == isSuccess)
        #expect(report.level == (isSuccess ? .success : .error))
        #expect(report.message == text)
    }

    @Test("Other success codes")
    func successCodes() throws {
        #expect(try report(ended(.exited(code: 3)), codes: "0,3").isSuccess)
        #expect(try !report(ended(.exited(code: 0)), codes: "3").isSuccess)
        #expect(try !report(ended(.killed(signal: 3)), codes: "0-255").isSuccess)
        #expect(try !report(ended(.lost), codes: "0-255").isSuccess)
    }

    @Test("One is one, and more are more")
    func counts() throws {
        let table: [(Int64, Int64, Int64, String)] = [
            (1, 0, 1, "; 1 line on stdout, 0 on stderr"),
            (2, 1, 3, "; 2 lines on stdout, 1 on stderr"),
            (1, 1, 1, "; 1 line on stdout, 1 on stderr; 1 of these lines was not sent"),
            (9, 0, 2, "; 9 lines on stdout, 0 on stderr; 7 of these lines were not sent"),
            // A descendant wrote on after the count.
            (1, 0, 5, "; 1 line on stdout, 0 on stderr"),
        ]
        for (stdout, stderr, sent, text) in table {
            var ended = ended(.exited(code: 0))
            (ended.stdoutLines, ended.stderrLines) = (stdout, stderr)
            var delivery = DeliveryRecord()
            delivery.lines = sent
            #expect(try report(ended, delivery).message == "exited with code 0 after 1.5 s" + text)
        }
    }

    @Test("Lost bytes, holders of the output, and the last lines of stderr of a failure only")
    func remarks() throws {
        var ended = ended(.exited(code: 1))
        ended.lostBytes = 1
        ended.holders = ["12 (sleep)", "13 (cat)"]
        let failed = try report(ended, errors: ["one", "two"]).message
        #expect(failed.contains("; 1 byte of output could not be recorded"))
        #expect(failed.contains("; still holding the output open: 12 (sleep), 13 (cat)"))
        #expect(failed.hasSuffix("\nlast lines of stderr:\none\ntwo"))
        ended.outcome = .exited(code: 0)
        ended.lostBytes = 2
        let good = try report(ended, errors: ["one"]).message
        #expect(good.contains("; 2 bytes of output"))
        #expect(!good.contains("last lines"))
    }

    @Test("A run reported late says so with its true times")
    func late() throws {
        var delivery = DeliveryRecord()
        delivery.isLate = true
        let times = "ran from \((noon + -1.5).rfc3339) to \(noon.rfc3339)"
        #expect(try report(ended(.exited(code: 0)), delivery).message.hasSuffix("; reported late: \(times)"))
        #expect(try report(ended(.lost), delivery).message.hasSuffix("; reported late: \(times)"))
    }

    @Test("Of a lost run nothing is invented: no line counts, and no times if none were recorded")
    func lost() throws {
        var delivery = DeliveryRecord()
        delivery.isLate = true
        delivery.lines = 1
        var ended = ended(.lost)
        ended.duration = TimeSpan(milliseconds: 0)
        let message = try report(ended, delivery).message
        #expect(message.hasSuffix("; 1 line of its output sent; reported late"))
        #expect(!message.contains("stdout"))
    }

    @Test("What a hostile supervisor writes neither ends the daemon nor reaches a terminal")
    func hostile() throws {
        var ended = ended(.timedOut(afterSeconds: 1e300))
        ended.holders = ["\u{1B}[2J\u{0}evil"]
        let message = try report(ended).message
        #expect(message.hasSuffix("open: evil"))
        #expect(try report(self.ended(.stopped(by: "a\nb\u{7}", signal: 1))).message.hasPrefix("stopped by ab "))
    }

    @Test("What was set aside and what was left out are counted apart, and of a lost run too")
    func missing() throws {
        var delivery = DeliveryRecord()
        delivery.lines = 5
        delivery.setAside.add(
            .init(bytes: .init(from: 0, to: 50), level: .info, lines: 2, status: 422, reason: "", at: noon))
        delivery.omitted = .init(from: 100, to: 101)
        var ended = ended(.exited(code: 0))
        ended.stdoutLines = 10
        let parts = [
            "2 lines set aside in 1 message that Charon did not take",
            "1 byte of output.log from byte 100 on left out, beyond the cap of a run",
        ].joined(separator: "; ")
        let report = try report(ended, delivery)
        #expect(
            report.message
                == "exited with code 0 after 1.5 s; 10 lines on stdout, 0 on stderr; \(parts); 3 of these lines were not sent"
        )
        #expect(
            try self.report(self.ended(.lost), delivery).message.hasSuffix("; 5 lines of its output sent; \(parts)"))
        delivery.setAside = DeliveryRecord.SetAside()
        delivery.setAside.add(
            .init(bytes: .init(from: 0, to: 50), level: .info, lines: 0, status: nil, reason: "", at: noon))
        delivery.omitted = .init(from: 100, to: 100)
        let part = try self.report(ended, delivery).message
        #expect(
            part.hasSuffix(
                "; a part of a line set aside in 1 message that Charon did not take; "
                    + "5 of these lines were not sent"))
    }

    @Test("The outcome alone is short ASCII, whatever a supervisor wrote")
    func minimal() throws {
        #expect(try report(ended(.exited(code: 3)), errors: ["ä"]).minimalMessage == "exited with code 3 after 1.5 s")
        let hostile = try report(ended(.stopped(by: "Jörg\n😀\u{1B}", signal: 15))).minimalMessage
        #expect(hostile == "stopped by J?rg??? (signal 15) after 1.5 s")
        let long = try report(ended(.stopped(by: String(repeating: "x", count: 9000), signal: 1))).minimalMessage
        #expect(long.utf8.count == 200)
    }
}
