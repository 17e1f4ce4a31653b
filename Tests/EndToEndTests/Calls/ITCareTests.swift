import CharonCore
import Testing

/// The ready-made file for ITCare against its double: a token, an action, and the wait for its end.
@Suite(.serialized)
struct ITCareTests {
    /// RFC 6749, 2.3.1 has all of these encoded before Base64.
    private static let secret = "s3cr3t +:%&é/abc"
    private static let environment = ["ITCARE_CLIENT_ID": "client:one", "ITCARE_CLIENT_SECRET": secret]

    /// What the documentation leaves open is said here, once to the double and once to the file.
    private static func double() throws -> Listening<ITCareDouble> {
        try Listening(
            ITCareDouble(
                clientID: "client:one", clientSecret: secret, actionPath: "/some/machine/restart",
                operationPath: "/watch/operations", operationField: "tracked", statusField: "state",
                dryRunHeader: "X-Only-Try"))
    }

    private static func words(_ double: Listening<ITCareDouble>) -> [String] {
        [
            "url=\(double.url)", "action=/some/machine/restart", "operations=/watch/operations",
            "operation_at=/tracked", "status_at=/state", "dry_run_header=X-Only-Try", #"body={"reason": "by night"}"#,
        ]
    }

    /// The ready-made file, with shorter intervals and what else is changed.
    private static func quick(_ site: Site, _ more: [String: String] = [:]) throws -> String {
        try site.changed("itcare-action", more.merging(["interval: 5s": "interval: 20ms"]) { $1 })
    }

    private func hidden(_ double: Listening<ITCareDouble>) -> [String] {
        [Self.secret] + double.api.access.all + double.api.refresh.all
    }

    @Test func theActionIsWaitedFor() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.pollsUntilDone = 1 }
            let end = try await site.call("itcare-action", Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(double.api.actions == [["reason": "by night"]] && double.api.grants == ["client_credentials"])
            let progress = end.lines("info").filter { $0.contains("operation op/1 é: ") }
            #expect(progress.map { $0.split(separator: " ").last } == ["IN_PROGRESS", "SUCCESS"], "\(progress)")
            #expect(end.lines("success").count == 1 && end.lines("error") == [] && end.lines("warning") == [])
            expectHidden(hidden(double), in: end)
        }
    }

    @Test func anOperationThatFailsIsAFailure() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.result = "ERROR" }
            let end = try await site.call(
                try Self.quick(site), Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 1 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(end.lines("error").contains { $0.contains("ERROR") } && end.lines("success") == [])
        }
    }

    @Test(arguments: [false, true]) func aTokenThatExpiresInMidWaitIsRenewed(givesRefreshTokens: Bool) async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change {
                $0.expiresInMidWait = true
                $0.givesRefreshTokens = givesRefreshTokens
            }
            let end = try await site.call(
                try Self.quick(site), Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            let renewal = givesRefreshTokens ? "refresh_token" : "client_credentials"
            #expect(double.api.grants == ["client_credentials", renewal] && double.api.actions.count == 1)
            expectHidden(hidden(double), in: end)
        }
    }

    @Test func aTokenServesTheNextCallTooUntilItIsRevoked() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            for count in 1...2 {
                let end = try await site.call(
                    try Self.quick(site), Self.words(double), environment: Self.environment, count: count)
                #expect(end.exitCode == 0)
            }
            #expect(double.api.grants.count == 1)
            double.change { $0.revokeTokens() }
            let end = try await site.call(
                try Self.quick(site), Self.words(double), environment: Self.environment, count: 3)
            #expect(end.exitCode == 0 && double.faults == [] && double.api.grants.count == 2, "\(end.everything)")
            // The action that got a 401 was not carried out, and is sent once more.
            #expect(double.api.actions.count == 3)
        }
    }

    @Test func tokensThatAreWorthNothingAreNotAskedForForEver() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.giveStillbornTokens(10) }
            let end = try await site.call(
                try Self.quick(site), Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 77 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(double.api.grants.count == 2 && double.api.actions.isEmpty)
            #expect(end.lines("error").contains { $0.contains("401") }, "\(end.everything)")
            expectHidden(hidden(double), in: end)
        }
    }

    @Test func aWrongSecretIsRefused() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let wrong = ["ITCARE_CLIENT_ID": "client:one", "ITCARE_CLIENT_SECRET": "wr0ng-secret"]
            let end = try await site.call("itcare-action", Self.words(double), environment: wrong)
            #expect(end.exitCode == 77, "\(end.everything)")
            // Once is enough: a second attempt could lock the client out.
            #expect(double.faults == ["POST /token: no such client"])
            #expect(end.lines("error").contains { $0.contains("401") && $0.contains("no such client") })
            expectHidden(["wr0ng-secret"], in: end)
        }
    }

    @Test func theDeadlineEndsTheWait() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.pollsUntilDone = .max }
            let file = try Self.quick(site, ["deadline: 1h": "deadline: 1s"])
            let end = try await site.call(file, Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 75 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(double.api.actions.count == 1 && end.lines("error").contains { $0.contains("deadline") })
        }
    }

    @Test func theServersDryRunValidatesOnly() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = Self.words(double) + ["--server-dry-run"]
            let end = try await site.call("itcare-action", words, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(double.api.dryRuns == [["reason": "by night"]] && double.api.actions.isEmpty)
            double.change { $0.echoesDryRun = false }
            let unheard = try await site.call("itcare-action", words, environment: Self.environment, count: 2)
            #expect(unheard.exitCode == 76 && unheard.lines("error").contains { $0.contains("X-Only-Try") })
        }
    }

    @Test func theOwnDryRunSendsNothing() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let end = try await site.call(
                "itcare-action", Self.words(double) + ["--dry-run"], environment: Self.environment)
            #expect(end.exitCode == 0 && double.requests.isEmpty)
            for part in ["POST \(double.url)/token", "POST \(double.url)/some/machine/restart", "by night"] {
                #expect(end.line.output.contains(part), "\(end.line.output)")
            }
            expectHidden([Self.secret, "czNjcjN0"], in: end)
        }
    }

    /// A server error that shows what was sent to it.
    @Test func anActionThatIsRefusedIsShownWithoutSecrets() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.failure = (500, #"{"message": "broken, \#(Self.secret)"}"#) }
            let end = try await site.call("itcare-action", Self.words(double), environment: Self.environment)
            #expect(end.exitCode == 76 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(end.lines("error").contains { $0.contains("500") && $0.contains("broken") }, "\(end.everything)")
            expectHidden(hidden(double), in: end)
        }
    }

    @Test func twoCallsAtOnceAskForOneToken() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            double.change { $0.pollsUntilDone = 0 }
            let file = try Self.quick(site)
            let calls = try (0..<4).map { _ in
                try site.startCall(file, Self.words(double), environment: Self.environment)
            }
            for call in calls { #expect(try await call.exitCode() == 0, "\(call.standardError)") }
            #expect(double.api.grants.count == 1 && double.api.actions.count == 4 && double.faults == [])
            _ = try await site.ended("call", count: 4)
        }
    }

    @Test func datesInAQueryAreEncoded() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let file = try site.callFile(
                """
                base_url: "\(double.url)"
                variables:
                  id: {environment: ITCARE_CLIENT_ID, secret: false}
                  secret: {environment: ITCARE_CLIENT_SECRET}
                auth: {kind: oauth2_client_credentials, url: /token, client_id: "{{id}}", client_secret: "{{secret}}"}
                request: {path: /list, query: {from: "{{now}}"}}
                values: {from: /0/from}
                output: ["from {{from}}"]
                """)
            let end = try await site.call(file, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            let dates = end.lines("info").compactMap {
                $0.wholeMatch(of: /.*from (\d{4}-\d\d-\d\dT[0-9:]{8}[+-]\d{4})/)
            }
            #expect(dates.count == 1, "\(end.everything)")
        }
    }
}
