package import CharonCore
import GRDB

/// What Charon knows of a cron.
package struct Cron: Hashable, Sendable {
    package let id: Int64
    package let slug: String
    package let name: String?
    package let active: Bool
    /// When it was added, in RFC 3339.
    package let createdAt: String

    init(_ row: Row) {
        id = row["id"]
        slug = row["slug"]
        name = row["name"]
        active = row["active"]
        createdAt = row["created_at"]
    }

    /// Fields: `id` number, `slug` string, `name` string or null, `active` boolean, `created_at` RFC 3339.
    package var json: JSON {
        [
            "id": .integer(id), "slug": .string(slug), "name": name.map(JSON.string) ?? .null, "active": .bool(active),
            "created_at": .string(createdAt),
        ]
    }

    static func named(_ slug: Slug, _ db: Database) throws -> Cron? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM crons WHERE slug = ?"), arguments: [slug.text])
            .map(Cron.init)
    }

    static func numbered(_ id: Int64, _ db: Database) throws -> Cron? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM crons WHERE id = ?"), arguments: [id]).map(Cron.init)
    }

    static func all(_ db: Database) throws -> [Cron] {
        try Row.fetchAll(db, sql: "SELECT * FROM crons ORDER BY slug").map(Cron.init)
    }
}

extension Store {
    /// Registers a cron.
    ///
    /// - Throws: `usage` if the slug is taken, or consists of digits and could be another cron's id.
    @discardableResult
    package func addCron(_ slug: Slug, name: String? = nil, active: Bool = true) throws(CharonError) -> Cron {
        guard !slug.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw CharonError(.usage, "the slug \(slug) could be a cron's id; it needs a letter or one of . _ -")
        }
        return try write { db in
            guard try Cron.named(slug, db) == nil else {
                throw CharonError(.usage, "the cron \(slug) exists; switch it with 'cron on' or 'cron off'")
            }
            try db.execute(
                sql: "INSERT INTO crons (slug, name, active, created_at) VALUES (?, ?, ?, ?)",
                arguments: [slug.text, name, active, Instant.now().rfc3339]
            )
            guard let cron = try Cron.named(slug, db) else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
            return cron
        }
    }

    /// Switches a cron on or off; a running server answers accordingly from its next request on.
    ///
    /// - Throws: `usage` if there is no such cron.
    package func setCron(_ slug: Slug, active: Bool) throws(CharonError) {
        try write { db in
            try db.execute(sql: "UPDATE crons SET active = ? WHERE slug = ?", arguments: [active, slug.text])
            guard db.changesCount == 1 else {
                throw CharonError(.usage, "there is no cron \(slug); 'cron list' shows them, 'cron add' adds one")
            }
        }
    }

    /// All crons, by slug.
    package func crons() throws(CharonError) -> [Cron] { try read { try Cron.all($0) } }
}
