package import CharonCore
import Crypto
import FoundationEssentials
import GRDB

/// What the database knows of an API key: never the key itself.
package struct APIKey: Hashable, Sendable {
    package let label: String
    /// When it was added, in RFC 3339.
    package let createdAt: String
    /// When it was revoked, in RFC 3339; nil if it is valid.
    package let revokedAt: String?

    /// Fields: `label` string, `created_at` RFC 3339, `revoked_at` RFC 3339 or null.
    package var json: JSON {
        [
            "label": .string(label), "created_at": .string(createdAt),
            "revoked_at": revokedAt.map(JSON.string) ?? .null,
        ]
    }

    /// What the database keeps of a key; its 256 random bits need no salt and no slow hash.
    static func hash(_ key: String) -> Data { Data(SHA256.hash(data: Data(key.utf8))) }

    /// The row id of a valid key; nil if it is unknown or revoked.
    static func find(_ key: String, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT id FROM keys WHERE hash = ? AND revoked_at IS NULL")
        return try Int64.fetchOne(statement, arguments: [hash(key)])
    }
}

extension Store {
    /// Makes a key and returns it, the only time that anyone sees it.
    ///
    /// - Parameter label: Names the application; 1 to 100 printable characters, used by no other valid key.
    /// - Throws: `usage` for a bad label.
    package func addKey(_ label: String) throws(CharonError) -> String {
        guard (1...100).contains(label.count), label.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw CharonError(.usage, "a key's label is 1 to 100 printable characters") }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        try write { db in
            guard try Int64.fetchOne(db, sql: Self.valid, arguments: [label]) == nil else {
                throw CharonError(.usage, "there is a key labelled '\(label)'; revoke it first or take another label")
            }
            try db.execute(
                sql: "INSERT INTO keys (label, hash, created_at) VALUES (?, ?, ?)",
                arguments: [label, APIKey.hash(key), Instant.now().rfc3339]
            )
        }
        return key
    }

    /// Makes a key invalid for ever; a running server refuses it from its next request on.
    ///
    /// - Throws: `usage` if no valid key has the label.
    package func revokeKey(_ label: String) throws(CharonError) {
        try write { db in
            try db.execute(
                sql: "UPDATE keys SET revoked_at = ? WHERE label = ? AND revoked_at IS NULL",
                arguments: [Instant.now().rfc3339, label]
            )
            guard db.changesCount == 1 else {
                throw CharonError(.usage, "there is no valid key labelled '\(label)'; 'key list' shows them")
            }
        }
    }

    /// All keys, the oldest first, with the revoked ones.
    package func keys() throws(CharonError) -> [APIKey] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT label, created_at, revoked_at FROM keys ORDER BY id").map { row in
                APIKey(label: row["label"], createdAt: row["created_at"], revokedAt: row["revoked_at"])
            }
        }
    }

    private static let valid = "SELECT id FROM keys WHERE label = ? AND revoked_at IS NULL"
}
