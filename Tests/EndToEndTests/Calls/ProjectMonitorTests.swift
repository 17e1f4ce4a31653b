import CharonCore
import Testing

/// The ready-made files for Project Monitor against its double: a raw token or a key, and imports.
@Suite(.serialized)
struct ProjectMonitorTests {
    private static let environment = ["PM_PASSWORD": "pm pässword", "PM_API_KEY": "pm-api-key-77"]
    private static let content = "a;b\r\n1;é\r\n--not-the-boundary\r\n"

    private static func double() throws -> Listening<ProjectMonitorDouble> {
        try Listening(ProjectMonitorDouble(login: "jo+é", password: "pm pässword", key: "pm-api-key-77"))
    }

    private static func words(_ double: Listening<ProjectMonitorDouble>, _ more: String...) -> [String] {
        ["url=\(double.url)", "login=jo+é"] + more
    }

    private static func attachment(_ site: Site) throws -> String {
        let file = "\(site.path)/projets.csv"
        try write(content, to: file)
        return "file=\(file)"
    }

    @Test(arguments: [
        ("project-monitor-import", "identifier=IMPORT_PROJET", "IMPORT_PROJET"),
        ("project-monitor-import-key", "identifier=SYNCHROPROJET", "SYNCHROPROJET"),
        ("project-monitor-import-finance", "type=BUDGET", "SYNCHROFINANCIERE/importType/BUDGET"),
    ])
    func aFileIsImported(_ file: String, _ word: String, _ identifier: String) async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = Self.words(double, word, try Self.attachment(site))
            let end = try await site.call(file, words, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            let received = try #require(double.api.imports.first)
            #expect(double.api.imports.count == 1 && received.waited && received.login == "jo+é")
            #expect(received.identifier == identifier && received.fileName == "projets.csv")
            #expect(received.bytes == Array(Self.content.utf8))
            #expect(end.lines("info").contains { $0.contains("is imported") } && end.lines("success").count == 1)
            #expect(double.api.tokens.count == (file.hasSuffix("-key") ? 0 : 1))
            expectHidden(Array(Self.environment.values) + double.api.tokens.all, in: end)
        }
    }

    @Test(arguments: [(true, "an import runs"), (false, "no import runs")])
    func a302IsAnAnswer(isRunning: Bool, meaning: String) async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.isRunning = isRunning }
            let end = try await site.call(
                "project-monitor-isrunning", Self.words(double, "identifier=IMPORT_PROJET"),
                environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [] && double.requests.count == 2, "\(end.everything)")
            #expect(end.line.output.contains(meaning) && end.lines("error") == [] && end.lines("warning") == [])
        }
    }

    /// Where the file does not expect a redirect, one is an error, and not followed either.
    @Test func a302ThatIsNoAnswerIsRefused() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.isRunning = true }
            let file = try site.changed("project-monitor-isrunning", [", 204: \"no import runs\"": "", "302:": "204:"])
            let end = try await site.call(
                file, Self.words(double, "identifier=IMPORT_PROJET"), environment: Self.environment)
            #expect(end.exitCode == 76 && double.faults == [] && double.requests.count == 2, "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains("302") })
        }
    }

    @Test(arguments: [
        (ProjectMonitorDouble.Ending.functionalError, "400", "line 3: no such project"),
        (.serversOwnPage, "400", "Bad Request"), (.technicalError, "500", "NullPointerException"),
        (.interrupted, "503", "interrupted by a user"),
    ])
    func anImportThatFailsSaysWhyAndIsNotRepeated(
        _ ending: ProjectMonitorDouble.Ending, _ status: String, _ reason: String
    ) async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.ending = ending }
            let words = Self.words(double, "identifier=TEST", try Self.attachment(site))
            let end = try await site.call("project-monitor-import", words, environment: Self.environment)
            #expect(end.exitCode == 76 && double.faults == [] && double.api.imports.count == 1, "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains(status) && $0.contains(reason) }, "\(end.everything)")
            #expect(!end.everything.contains("secret inside") && end.lines("success") == [])
        }
    }

    @Test func whoMayNotImportIsToldSo() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.withoutRight = ["eve"] }
            let words = ["url=\(double.url)", "login=eve", "identifier=TEST", try Self.attachment(site)]
            let end = try await site.call("project-monitor-import-key", words, environment: Self.environment)
            #expect(end.exitCode == 77 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(end.lines("error").contains { $0.contains("403") && $0.contains("no right") })
            let wrong = try await site.call(
                "project-monitor-import", Self.words(double, "identifier=TEST", try Self.attachment(site)),
                environment: ["PM_PASSWORD": "wr0ng-password"], count: 2)
            #expect(wrong.exitCode == 77)
            #expect(double.faults == ["GET /MonitorMakerWeb/api/auth/jwt/token: unknown login or wrong password"])
            expectHidden(["wr0ng-password", "pm-api-key-77"], in: wrong)
        }
    }

    @Test func aTokenIsRenewedOnce() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = Self.words(double, "identifier=TEST", try Self.attachment(site))
            #expect(try await site.call("project-monitor-import", words, environment: Self.environment).exitCode == 0)
            double.change { $0.revokeTokens() }
            let renewed = try await site.call("project-monitor-import", words, environment: Self.environment, count: 2)
            #expect(renewed.exitCode == 0 && double.faults == [], "\(renewed.everything)\(double.faults)")
            #expect(double.api.tokens.count == 2 && double.api.imports.count == 2)
        }
    }

    @Test func aFileThatIsNotThereIsNotSent() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = Self.words(double, "identifier=TEST", "file=\(site.path)/none.csv")
            let end = try await site.call("project-monitor-import", words, environment: Self.environment)
            #expect(end.exitCode == 66 && double.api.imports.isEmpty && double.faults == [], "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains("none.csv") })
        }
    }

    @Test func matrixParametersAndAnswersInAFile() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.projects = #"[{"name": "Père & fils"}]"# }
            let file = try site.callFile(
                """
                base_url: "\(double.url)/MonitorMakerWeb/api"
                variables: {key: {environment: PM_API_KEY}}
                auth: {kind: basic, user: "{{key}}", password: x}
                request:
                  path: /projects/
                  matrix: {year: "2012", country: "a;b=c/d é", from: "2026-01-31T00:00:00"}
                save: {file: "\(site.path)/projects.json"}
                """)
            let end = try await site.call(file, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(
                double.api.searches == [["year": "2012", "country": "a;b=c/d é", "from": "2026-01-31T00:00:00"]])
            #expect(text(of: "\(site.path)/projects.json") == #"[{"name": "Père & fils"}]"#)
            expectHidden(["pm-api-key-77"], in: end)
        }
    }
}
