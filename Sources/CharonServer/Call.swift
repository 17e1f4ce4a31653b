import CharonCore
import GRDB

/// One request without its HTTP library: all that decides its answer, which is made inside one transaction.
struct Call: Sendable {
    let route: Route
    /// The header `X-API-KEY`.
    let apiKey: String?
    /// The header `Idempotency-Key`.
    let idempotencyKey: String?
    /// The query's parameters, decoded.
    var query: [String: String] = [:]
    /// Empty for a GET.
    var body: [UInt8] = []

    /// The answer, and in `db` what it promises.
    ///
    /// - Throws: Database errors only; every refusal is an answer, and comes before the first change.
    func answer(_ db: Database) throws -> Answer {
        do {
            let caller = try authenticate(db)
            switch route {
            case .canStart(let slug): return try canStart(slug, db)
            case .start(let cron):
                return try once("start", on: cron, caller, db) { try start(cron, caller, db) }
            case .end(let execution):
                return try once("end", on: execution, caller, db) { try end(execution, db) }
            case .message(let execution):
                return try once("message", on: execution, caller, db) { try message(execution, db) }
            case .crons: return Answer(body: ["crons": .array(try Cron.all(db).map(\.json))])
            case .executions: return try listExecutions(db)
            case .execution(let id): return try showExecution(id, db)
            case .messages: return try listMessages(db)
            }
        } catch let refusal as Refusal {
            return refusal.answer
        }
    }

    private func authenticate(_ db: Database) throws -> Int64 {
        guard let apiKey else {
            throw Refusal(status: 401, reason: "the header X-API-KEY is missing", field: "X-API-KEY")
        }
        guard let caller = try APIKey.find(apiKey, db) else {
            throw Refusal(status: 401, reason: "the key in X-API-KEY is unknown or revoked", field: "X-API-KEY")
        }
        return caller
    }

    private func canStart(_ slug: String, _ db: Database) throws -> Answer {
        guard let cron = try Slug(slug).flatMap({ try Cron.named($0, db) }) else { throw Self.noCron }
        return Answer(body: ["id": .integer(cron.id), "active": .bool(cron.active)])
    }

    private func start(_ name: String, _ caller: Int64, _ db: Database) throws -> Int64 {
        let cron =
            if let id = Self.number(name) { try Cron.numbered(id, db) } else {
                try Slug(name).flatMap { try Cron.named($0, db) }
            }
        guard let cron else { throw Self.noCron }
        guard cron.active else { throw Refusal(status: 418, reason: "the cron \(cron.slug) is not active") }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO executions (cron_id, key_id, started_at) VALUES (?, ?, ?)"
        )
        try statement.execute(arguments: [cron.id, caller, Instant.now().rfc3339])
        return db.lastInsertedRowID
    }

    private func end(_ name: String, _ db: Database) throws -> Int64 {
        let fields = try Fields(body)
        let type = try fields.level("type")
        let success = try fields.bool("success")
        let message = try fields.optionalString("message")
        let id = try execution(name, db)
        let statement = try db.cachedStatement(
            sql: """
                UPDATE executions SET ended_at = ?, success = ?, type = ?, message = ? WHERE id = ? AND ended_at IS NULL
                """
        )
        try statement.execute(arguments: [Instant.now().rfc3339, success, type.rawValue, message, id])
        guard db.changesCount == 1 else {
            throw Refusal(status: 409, reason: "the execution \(id) has ended; its end cannot be changed")
        }
        return id
    }

    private func message(_ name: String, _ db: Database) throws -> Int64 {
        let fields = try Fields(body)
        let text = try fields.string("message")
        let type = try fields.level("type")
        let id = try execution(name, db)
        let statement = try db.cachedStatement(
            sql: "INSERT INTO messages (execution_id, type, text, received_at) VALUES (?, ?, ?, ?)"
        )
        try statement.execute(arguments: [id, type.rawValue, text, Instant.now().rfc3339])
        return db.lastInsertedRowID
    }

    private func execution(_ name: String, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT id FROM executions WHERE id = ?")
        guard let id = try Self.number(name).flatMap({ try Int64.fetchOne(statement, arguments: [$0]) }) else {
            throw Self.noExecution
        }
        return id
    }

    /// A canonical positive number, as the ids are: no sign, no leading zero.
    static func number(_ text: String) -> Int64? {
        guard let number = Int64(text), number > 0, String(number) == text else { return nil }
        return number
    }

    static let noCron = Refusal(status: 404, reason: "no such cron")
    static let noExecution = Refusal(status: 404, reason: "no such execution")
}
