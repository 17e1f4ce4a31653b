import CharonCore
import GRDB

/// The read API: what an operator, a test or a page asks beyond the documented four calls.
extension Call {
    /// `GET /-/executions?slug=&since=&limit=`: `{"executions": [...]}`, the newest first.
    ///
    /// `slug` picks one cron, `since` (RFC 3339, UTC) those started then or later, `limit` is 1 to 1000 (100).
    /// An execution's fields: `id`, `cron_id`, `slug`, `key` (the label of the API key that started it), `started_at`,
    /// `ended_at`, `success`, `type`, `message` (these four null until its end), `messages` (how many it has).
    func listExecutions(_ db: Database) throws -> Answer {
        var conditions: [String] = []
        var arguments: StatementArguments = []
        if let slug = query["slug"] {
            guard let slug = Slug(slug), let cron = try Cron.named(slug, db) else { throw Self.noCron }
            conditions.append("cron_id = ?")
            arguments += [cron.id]
        }
        if let text = query["since"] {
            guard let since = Instant(rfc3339: text.utf8) else {
                throw Refusal(
                    status: 400, reason: "since must be a UTC time such as 2026-01-31T04:05:06Z", field: "since")
            }
            conditions.append("started_at >= ?")
            arguments += [since.rfc3339]
        }
        arguments += [try limit()]
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "\(Self.executionRows) \(filter) ORDER BY executions.id DESC LIMIT ?"),
            arguments: arguments
        )
        let executions = rows.map { row in
            JSON.object(Self.execution(row) + [.init("messages", .integer(row["messages"]))])
        }
        return Answer(body: ["executions": .array(executions)])
    }

    /// `GET /-/executions/{id}`: one execution as in the list, with `messages` as an array, the oldest first.
    ///
    /// A message's fields: `id`, `execution_id`, `slug`, `type`, `message`, `received_at`.
    func showExecution(_ name: String, _ db: Database) throws -> Answer {
        guard let id = Self.number(name),
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "\(Self.executionRows) WHERE executions.id = ?"), arguments: [id])
        else { throw Self.noExecution }
        let messages = try Row.fetchAll(
            db.cachedStatement(sql: "\(Self.messageRows) WHERE execution_id = ? ORDER BY messages.id"), arguments: [id])
        return Answer(
            body: .object(Self.execution(row) + [.init("messages", .array(messages.map(Self.message)))])
        )
    }

    /// `GET /-/messages?after=&limit=`: messages with ids above `after`, the oldest first.
    ///
    /// `{"messages": [...]}`, of all executions; `limit` is 1 to 1000 (100). Ids are given in the order of commits, so
    /// whoever asks again with the last id seen misses none.
    func listMessages(_ db: Database) throws -> Answer {
        let after = try query["after"].map { text throws(Refusal) in
            guard let after = text == "0" ? 0 : Self.number(text) else {
                throw Refusal(status: 400, reason: "after must be a message's id, or 0", field: "after")
            }
            return after
        }
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "\(Self.messageRows) WHERE messages.id > ? ORDER BY messages.id LIMIT ?"),
            arguments: [after ?? 0, try limit()]
        )
        return Answer(body: ["messages": .array(rows.map(Self.message))])
    }

    private func limit() throws(Refusal) -> Int64 {
        guard let text = query["limit"] else { return 100 }
        guard let limit = Self.number(text), limit <= 1000 else {
            throw Refusal(status: 400, reason: "limit must be a number from 1 to 1000", field: "limit")
        }
        return limit
    }

    private static let executionRows = """
        SELECT executions.*, crons.slug, keys.label,
            (SELECT count(*) FROM messages WHERE execution_id = executions.id) AS messages
        FROM executions JOIN crons ON crons.id = cron_id JOIN keys ON keys.id = key_id
        """

    private static let messageRows = """
        SELECT messages.*, crons.slug
        FROM messages JOIN executions ON executions.id = execution_id JOIN crons ON crons.id = cron_id
        """

    private static func execution(_ row: Row) -> [JSON.Member] {
        [
            .init("id", .integer(row["id"])), .init("cron_id", .integer(row["cron_id"])),
            .init("slug", .string(row["slug"])), .init("key", .string(row["label"])),
            .init("started_at", .string(row["started_at"])), .init("ended_at", text(row["ended_at"])),
            .init("success", (row["success"] as Bool?).map(JSON.bool) ?? .null), .init("type", text(row["type"])),
            .init("message", text(row["message"])),
        ]
    }

    private static func message(_ row: Row) -> JSON {
        [
            "id": .integer(row["id"]), "execution_id": .integer(row["execution_id"]), "slug": .string(row["slug"]),
            "type": .string(row["type"]), "message": .string(row["text"]), "received_at": .string(row["received_at"]),
        ]
    }

    private static func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
}
