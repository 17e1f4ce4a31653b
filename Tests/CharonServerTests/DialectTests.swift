import CharonCore
import Foundation
import Testing

@testable import CharonServer

@Suite("Dialects")
struct DialectTests {
    /// The bodies for the cron 12, the execution 17 and the message 18; nil for an empty one.
    struct Row: Sendable {
        let dialect: Dialect
        let yes: String?
        let no: String?
        let execution: String?
        let message: String?

        init(_ dialect: Dialect, _ yes: String?, _ no: String?, _ execution: String?, _ message: String?) {
            self.dialect = dialect
            self.yes = yes
            self.no = no
            self.execution = execution
            self.message = message
        }
    }

    private static let standard = (yes: #"{"id":12,"active":true}"#, no: #"{"id":12,"active":false}"#)
    private static let uuid = (
        cron: #""b3c4a20e-0000-8000-8000-00000000000c""#, execution: #""b3c4a20e-0000-8000-8000-000000000011""#,
        message: #""b3c4a20e-0000-8000-8000-000000000012""#
    )

    static let table = [
        Row(.standard, standard.yes, standard.no, #"{"id":17}"#, #"{"id":18}"#),
        Row(.active, #"{"active":true}"#, #"{"active":false}"#, #"{"id":17}"#, #"{"id":18}"#),
        Row(.bare, "true", "false", "17", "18"),
        Row(.text, #""true""#, #""false""#, #""17""#, #""18""#),
        Row(.digit, "1", "0", "17", "18"),
        Row(.php, "1", nil, "17", "18"),
        Row(.camel, #"{"canStart":true}"#, #"{"canStart":false}"#, #"{"executionId":17}"#, #"{"messageId":18}"#),
        Row(
            .camelID, #"{"cronId":12,"canStart":true}"#, #"{"cronId":12,"canStart":false}"#, #"{"executionId":17}"#,
            #"{"messageId":18}"#),
        Row(
            .snake, #"{"can_start":true}"#, #"{"can_start":false}"#, "{\"execution_id\":\(uuid.execution)}",
            "{\"message_id\":\(uuid.message)}"),
        Row(
            .snakeID, "{\"cron_id\":\(uuid.cron),\"can_start\":true}", "{\"cron_id\":\(uuid.cron),\"can_start\":false}",
            "{\"execution_id\":\(uuid.execution)}", "{\"message_id\":\(uuid.message)}"),
        Row(.french, #"{"actif":true}"#, #"{"actif":false}"#, #"{"id":"17"}"#, #"{"id":"18"}"#),
        Row(
            .reference, #"{"id":"crons/12","active":true}"#, #"{"id":"crons/12","active":false}"#,
            #"{"id":"executions/17"}"#, #"{"id":"messages/18"}"#),
        Row(
            .data, #"{"data":{"active":true}}"#, #"{"data":{"active":false}}"#, #"{"data":{"id":17}}"#,
            #"{"data":{"id":18}}"#),
        Row(
            .dataID, #"{"data":{"id":12,"active":true}}"#, #"{"data":{"id":12,"active":false}}"#,
            #"{"data":{"id":17}}"#, #"{"data":{"id":18}}"#),
        Row(.dataBare, #"{"data":true}"#, #"{"data":false}"#, #"{"data":17}"#, #"{"data":18}"#),
        Row(.dataIDOrNull, #"{"data":{"id":12}}"#, #"{"data":null}"#, #"{"data":{"id":17}}"#, #"{"data":{"id":18}}"#),
        Row(.idOrNull, #"{"id":12}"#, "null", #"{"id":17}"#, #"{"id":18}"#),
        Row(.idOrZero, #"{"id":12}"#, "0", #"{"id":17}"#, #"{"id":18}"#),
        Row(.idOrObject, #"{"id":12}"#, "{}", #"{"id":17}"#, #"{"id":18}"#),
        Row(.idOrArray, #"{"id":12}"#, "[]", #"{"id":17}"#, #"{"id":18}"#),
        Row(.idOrEmpty, #"{"id":12}"#, nil, #"{"id":17}"#, #"{"id":18}"#),
        Row(.created, standard.yes, standard.no, #"{"id":17}"#, #"{"id":18}"#),
        Row(.noContent, standard.yes, standard.no, #"{"id":17}"#, nil),
    ]

    @Test("each call's body in each dialect", arguments: table)
    func bodies(row: Row) {
        func spoken(_ body: JSON, _ route: Route) -> Answer { row.dialect.spoken(Answer(body: body), to: route) }
        let yes = spoken(["id": 12, "active": true], .canStart(slug: "a"))
        let no = spoken(["id": 12, "active": false], .canStart(slug: "a"))
        let start = spoken(["id": 17], .start(cron: "a"))
        let end = spoken(["id": 17], .end(execution: "17"))
        let message = spoken(["id": 18], .message(execution: "17"))
        #expect(yes.body?.description == row.yes)
        #expect(no.body?.description == row.no)
        #expect(start.body?.description == row.execution)
        #expect(end.body?.description == row.execution)
        #expect(message.body?.description == row.message)
        #expect([yes, no, start, end].allSatisfy { $0.status == 200 })
        #expect(message.status == [.created: 201, .noContent: 204][row.dialect, default: 200])
        let type = row.dialect == .php ? "text/html; charset=UTF-8" : "application/json"
        #expect([yes, no, start, end, message].allSatisfy { $0.contentType == type })
    }

    @Test("the table is complete, and the names are words with dashes")
    func names() throws {
        #expect(Self.table.map(\.dialect) == Dialect.allCases)
        for dialect in Dialect.allCases {
            #expect(dialect.rawValue.allSatisfy { $0 == "-" || ("a"..."z").contains($0) })
            #expect(try Dialect(dialect.rawValue) == dialect)
            #expect(Dialect.list.contains("\n  \(dialect.rawValue)  ") || dialect == .standard)
        }
        #expect(Dialect.list.split(separator: "\n").count == Dialect.allCases.count)
        let error = #expect(throws: CharonError.self) { try Dialect("latin") }
        #expect(error?.code == .usage && error?.message.contains(Dialect.list) == true)
    }

    @Test("refusals and the read API have one form", arguments: Dialect.allCases)
    func unaffected(dialect: Dialect) {
        let refusal = Refusal(status: 404, reason: "no such cron").answer
        let routes: [Route] = [.canStart(slug: "a"), .start(cron: "1"), .end(execution: "1"), .message(execution: "1")]
        for route in routes { #expect(dialect.spoken(refusal, to: route) == refusal) }
        let execution = Answer(body: ["id": 17, "slug": "a"])
        #expect(dialect.spoken(execution, to: .execution("17")) == execution)
        #expect(dialect.understood(.execution("executions/17")) == .execution("executions/17"))
    }

    @Test(
        "ids are read back as they were handed out",
        arguments: [IdentifierForm.number, .digits, .uuid, .reference], [1, 17, 1_000_001, Int64.max])
    func identifiers(form: IdentifierForm, number: Int64) throws {
        for subject in [IdentifierForm.Subject.cron, .execution, .message] {
            let id = form.json(number, of: subject)
            #expect(form.digits(id.string ?? id.description, of: subject) == String(number))
        }
        #expect(form.digits("backup", of: .cron) == "backup")
    }

    @Test(
        "texts that are no id of that form stay as they are",
        arguments: [
            "", "b3c4a20e-0000-8000-8000-00000000001", "b3c4a20e-0000-8000-8000-0000000000011",
            "B3C4A20E-0000-8000-8000-00000000000C", "b3c4a20e-0000-8000-8000--0000000000c",
            "00000000-0000-8000-8000-000000000011", "b3c4a20e-ffff-8000-8000-ffffffffffff", "crons/17",
        ])
    func others(text: String) {
        #expect(IdentifierForm.uuid.digits(text, of: .execution) == text)
        #expect(IdentifierForm.reference.digits(text, of: .execution) == text)
    }

    @Test("what a dialect hands out is accepted back", arguments: Dialect.allCases)
    func roundTrip(dialect: Dialect) async throws {
        var options = Server.Options()
        options.dialect = dialect
        try await Fixture.with(options: options) { charon in
            let state = try await charon.get("/backup/can-start")
            let cron = Self.firstID(in: state.json, ["id", "cronId", "cron_id"]) ?? "backup"
            #expect(try await charon.get("/paused/can-start").status == 200)
            let start = try await charon.get("/\(Self.encoded(cron))/start")
            #expect(start.status == 200)
            let id = try #require(Self.firstID(in: start.json, ["id", "executionId", "execution_id"]))
            let message: JSON = ["message": "m", "type": "info"]
            let sent = try await charon.post("/\(Self.encoded(id))/message", message)
            #expect(sent.status == [.created: 201, .noContent: 204][dialect, default: 200])
            #expect(sent.body.isEmpty == (dialect == .noContent))
            let ended = try await charon.post("/\(Self.encoded(id))/end", ["type": "success", "success": true])
            #expect(ended.status == 200 && ended.body == start.body)
            let kept = try await charon.execution(1_000_001)
            #expect(kept["success"] == true && kept["messages"]?.array?.count == 1)
        }
    }

    /// The id that stands alone, or under one of the names; in `data` too.
    private static func firstID(in json: JSON, _ names: [String]) -> String? {
        let place = json["data"] ?? json
        let value = place.members == nil ? place : names.lazy.compactMap { place[$0] }.first
        guard let value, place.members != nil || names.contains("executionId") else { return nil }
        return value.string ?? value.integer.map(String.init)
    }

    private static func encoded(_ id: String) -> String {
        id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
