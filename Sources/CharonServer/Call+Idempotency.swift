import Crypto
import FoundationEssentials
import GRDB

extension Call {
    /// Does `work` at most once for the request's `Idempotency-Key`, as draft-ietf-httpapi-idempotency-key-header has it.
    ///
    /// Keys are apart by API key and by call. The same key with the same path and body gets the id that the first request
    /// got; with another path or body it gets 422. Only what was done is remembered: a refused request may be repeated
    /// under its key once its reason is gone. Duplicates at the same time are no case of their own: writes are serial.
    func once(
        _ call: String, on subject: String, _ caller: Int64, _ db: Database, _ work: () throws -> Int64
    ) throws -> Answer {
        guard let key = idempotencyKey else { return .id(try work()) }
        guard (1...255).contains(key.utf8.count) else {
            throw Refusal(status: 400, reason: "Idempotency-Key must have 1 to 255 bytes", field: "Idempotency-Key")
        }
        let fingerprint = Data(SHA256.hash(data: Data(subject.utf8) + [0] + body))
        let stored = try db.cachedStatement(
            sql: "SELECT fingerprint, answer FROM idempotency WHERE key_id = ? AND call = ? AND idempotency_key = ?"
        )
        if let row = try Row.fetchOne(stored, arguments: [caller, call, key]) {
            guard row["fingerprint"] == fingerprint else {
                throw Refusal(
                    status: 422,
                    reason: "this Idempotency-Key belongs to a \(call) with another id or body; take a new key",
                    field: "Idempotency-Key"
                )
            }
            return .id(row["answer"])
        }
        let id = try work()
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO idempotency (key_id, call, idempotency_key, fingerprint, answer) VALUES (?, ?, ?, ?, ?)
                """
        )
        try insert.execute(arguments: [caller, call, key, fingerprint, id])
        return .id(id)
    }
}
