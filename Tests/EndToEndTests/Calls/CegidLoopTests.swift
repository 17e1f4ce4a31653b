import CharonCore
import Glibc
import Testing

/// The ready-made files for Cegid Loop against its double: two secrets on each call.
@Suite(.serialized)
struct CegidLoopTests {
    private static let environment = [
        "CEGID_SUBSCRIPTION_KEY": "subscription-key-1", "CEGID_API_KEY": "api-key-22222",
        "CEGID_ACCOUNT_KEY": "acc0unt+k/ey==",
        "CEGID_ACCESS_KEY_ID": "AKIA0001", "CEGID_SECRET_ACCESS_KEY": "s3-secret/key+1",
    ]
    private static let secrets = Array(environment.values)

    private static func double() throws -> Listening<CegidLoopDouble> {
        try Listening(
            CegidLoopDouble(
                subscriptionKey: "subscription-key-1", apiKey: "api-key-22222",
                suspend: .init(method: "PATCH", path: "/some/sub-1/switch"),
                delete: .init(method: "POST", path: "/gone/sub-1")))
    }

    private static func url(_ double: Listening<CegidLoopDouble>) -> String {
        "url=\(double.url)\(CegidLoopDouble.base)"
    }

    private static func azure(_ double: Listening<CegidLoopDouble>) -> [String] {
        [
            url(double), "domain=accounting", "application_id=shop", "account=events", "container=c", "folder=f",
            #"key_filters=[{"key": "F1", "status": "new"}]"#,
        ]
    }

    @Test func aSubscriptionIsCreatedReadSuspendedAndDeleted() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let created = try await site.call(
                "cegid-create-subscription", Self.azure(double), environment: Self.environment)
            #expect(created.exitCode == 0 && double.faults == [], "\(created.everything)\(double.faults)")
            let subscription = try #require(double.api.subscriptions.first)
            #expect(subscription["suspended"] == false && subscription["topics"] == ["queuing.cpa.comptabilite"])
            #expect(subscription["sink"]?["credentials"] == ["accountName": "events", "accountKey": "acc0unt+k/ey=="])
            #expect(created.lines("info").contains { $0.contains("subscription sub-1 of accounting") })
            #expect(created.lines("info").contains { $0.contains("rq-1") } && created.lines("success").count == 1)
            #expect(created.lines("info").contains { $0.contains("xrq-1") })

            let file = "\(site.path)/subscriptions.json"
            let read = try await site.call(
                "cegid-read-subscription", [Self.url(double), "topic=queuing.cpa.comptabilite", "file=\(file)"],
                environment: Self.environment, count: 2)
            #expect(read.exitCode == 0 && double.faults == [], "\(read.everything)\(double.faults)")
            #expect(double.requests.last?.path.hasSuffix("/subscriptions?topic=queuing.cpa.comptabilite") == true)
            #expect(try site.json(file) == .array([subscription]))
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)

            let suspended = try await site.call(
                "cegid-suspend-subscription",
                [Self.url(double), "id=sub-1", "method=PATCH", "path=/some/sub-1/switch", #"body={"off": true}"#],
                environment: Self.environment, count: 3)
            #expect(suspended.exitCode == 0 && double.faults == [], "\(suspended.everything)\(double.faults)")
            #expect(double.api.changes == [["off": true]])

            let deleted = try await site.call(
                "cegid-delete-subscription", [Self.url(double), "id=sub-1", "method=POST", "path=/gone/sub-1"],
                environment: Self.environment, count: 4)
            #expect(deleted.exitCode == 0 && double.faults == [] && double.api.deletions == 1, "\(deleted.everything)")
            for end in [created, read, suspended, deleted] { expectHidden(Self.secrets, in: end) }
        }
    }

    @Test func aSubscriptionThatWritesToS3() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let words = [
                Self.url(double), "domain=accounting", "application_id=shop", "region=eu-west-3", "bucket=b",
                "folder=f",
                "suspended=true",
            ]
            let end = try await site.call("cegid-create-subscription-s3", words, environment: Self.environment)
            #expect(end.exitCode == 0 && double.faults == [], "\(end.everything)\(double.faults)")
            #expect(double.api.subscriptions.first?["suspended"] == true)
            expectHidden(Self.secrets, in: end)
        }
    }

    /// The answer names what was sent, secrets included, and there is no telling what has been done.
    @Test func aServerErrorIsShownWithoutSecretsAndNotRepeated() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let body = #"{"error": {"message": "sink refused", "sent": "acc0unt+k\/ey==", "key": "api-key-22222"}}"#
            double.change { $0.failure = (500, body) }
            let end = try await site.call(
                "cegid-create-subscription", Self.azure(double), environment: Self.environment)
            #expect(end.exitCode == 76 && double.requests.count == 1, "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains("500") && $0.contains("sink refused") })
            #expect(end.everything.contains("rq-1") && end.lines("success") == [])
            expectHidden(Self.secrets + [#"acc0unt+k\/ey=="#], in: end)
        }
    }

    @Test func aWrongKeyIsRefused() async throws {
        try await Site.calling { site in
            let double = try Self.double()
            let wrong = Self.environment.merging(["CEGID_API_KEY": "wr0ng-api-key"]) { $1 }
            let end = try await site.call("cegid-create-subscription", Self.azure(double), environment: wrong)
            #expect(end.exitCode == 77 && double.requests.count == 1, "\(end.everything)")
            #expect(double.faults == ["POST /loop-api-publiques/subscriptions: no API key"])
            expectHidden(["wr0ng-api-key"] + Self.secrets, in: end)
        }
    }

    /// Nobody knows whether a POST without an answer was carried out.
    @Test func aPOSTIsNotRepeatedAfterItWasSent() async throws {
        try await Site.calling { site in
            let stub = try StubServer { _ in .close }
            defer { stub.stop() }
            var words = ["url=\(stub.url)", "domain=d", "application_id=a", "account=a", "container=c", "folder=f"]
            let end = try await site.call("cegid-create-subscription", words, environment: Self.environment)
            #expect(end.exitCode == 69 && stub.requests.count == 1, "\(end.everything)")
            #expect(end.lines("error").contains { $0.contains("POST") }, "\(end.everything)")
            stub.change { _ in .reply(503, "{}") }
            let busy = try await site.call("cegid-create-subscription", words, environment: Self.environment, count: 2)
            #expect(busy.exitCode == 76 && stub.requests.count == 2, "\(busy.everything)")
            // A GET is.
            stub.change { $0.number < 5 ? .close : .reply(200, "[]") }
            words = ["url=\(stub.url)", "file=\(site.path)/x.json"]
            let file = try site.changed("cegid-read-subscription", ["backoffSeconds: 2": "backoffSeconds: 0.01"])
            let read = try await site.call(file, words, environment: Self.environment, count: 3)
            #expect(read.exitCode == 0 && stub.requests.count == 5, "\(read.everything)")
            #expect(read.lines("warning").count == 2 && read.lines("success").count == 1)
        }
    }
}
