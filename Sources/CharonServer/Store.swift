package import CharonCore
import GRDB
import Glibc

/// The server's database: one SQLite file in WAL mode, which several processes may have open at once.
package final class Store: Sendable {
    /// When a commit counts.
    package enum Durability: String, CaseIterable, Sendable {
        /// After its sync to the disk: an answered request survives a power cut.
        case full
        /// At once: it survives the death of the process, not a power cut.
        case normal

        var pragma: String { "PRAGMA synchronous = \(rawValue.uppercased())" }
    }

    let path: String
    let pool: DatabasePool
    let commits: CommitQueue

    /// Opens the database and brings its tables up to date.
    ///
    /// - Parameters:
    ///   - path: The database file; its `-wal` and `-shm` lie beside it.
    ///   - durability: See `Durability`.
    ///   - create: Whether a missing file is made (mode 0600) or an error.
    /// - Throws: `system` for a file that cannot be opened or is no database, `configuration` for one of a newer release.
    package init(path: String, durability: Durability = .full, create: Bool = true) throws(CharonError) {
        try Self.prepareFile(path, create: create)
        let pool = try Self.access(path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Only now: GRDB's own WAL set-up ends with NORMAL.
            try pool.writeWithoutTransaction { try $0.execute(sql: durability.pragma) }
            guard try !pool.read(Schema.migrator.hasBeenSuperseded) else {
                throw CharonError(.configuration, "was written by a newer charon-server; use that one", location: path)
            }
            try Schema.migrator.migrate(pool)
            return pool
        }
        self.path = path
        self.pool = pool
        commits = CommitQueue(pool)
    }

    /// Answers one request; writes are committed when this returns.
    func answer(_ call: Call) async throws -> Answer {
        if call.route.isWrite { return try await commits.run { db in try call.answer(db) } }
        // Two rows by their keys, which nobody writing keeps waiting: another thread would take longer than they do.
        if case .canStart = call.route { return try read { db in try call.answer(db) } }
        return try await pool.read { db in try call.answer(db) }
    }

    /// Makes the write-ahead log as large as it gets before a checkpoint, for a process that is going to write much.
    ///
    /// A commit then overwrites what is there. Where it makes the file longer, its sync has the size to write too, which
    /// takes several times as long.
    func growLog() throws(CharonError) {
        try Self.access(path) {
            try pool.writeWithoutTransaction { db in
                // What does not fit into SQLite's cache is written to the log before the transaction is undone.
                try db.inTransaction(.immediate) {
                    try db.execute(
                        sql: "CREATE TABLE room (bytes BLOB); INSERT INTO room VALUES (zeroblob(?))",
                        arguments: [Self.logBytes + 4 << 20])
                    return .rollback
                }
            }
        }
    }

    /// Of SQLite's usual checkpoint, after 1,000 pages of 4 KiB with their heads.
    private static let logBytes = 4 << 20

    /// Closes the database; every later use of the store is an error.
    package func close() throws(CharonError) { try Self.access(path) { try pool.close() } }

    /// The writer's `PRAGMA synchronous`: 2 is FULL, 1 is NORMAL.
    var synchronous: Int? {
        get throws(CharonError) {
            try Self.access(path) {
                try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            }
        }
    }

    /// Reads the database in one transaction.
    func read<Value>(_ work: (Database) throws -> Value) throws(CharonError) -> Value {
        try Self.access(path) { try pool.read(work) }
    }

    /// Changes the database in one transaction.
    func write<Value>(_ work: (Database) throws -> Value) throws(CharonError) -> Value {
        try Self.access(path) { try pool.write(work) }
    }

    private static func access<Value>(_ path: String, _ work: () throws -> Value) throws(CharonError) -> Value {
        do {
            return try work()
        } catch let error as CharonError {
            throw error
        } catch let error as DatabaseError {
            let reason = error.message ?? "\(error.resultCode)"
            throw CharonError(.system, "the database cannot be used: \(reason)", location: path)
        } catch {
            throw CharonError(.system, "the database cannot be used: \(error)", location: path)
        }
    }

    private static func prepareFile(_ path: String, create: Bool) throws(CharonError) {
        if create {
            // O_EXCL: closing a descriptor of an existing database would drop this process's POSIX locks on it.
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor < 0 else {
                Glibc.close(descriptor)
                return
            }
        } else if Glibc.access(path, F_OK) == 0 {
            return
        }
        guard errno != EEXIST else { return }
        let remedy = create ? "" : "; 'charon-server serve', 'cron add' and 'key add' make one"
        let reason = String(cString: strerror(errno))
        throw CharonError(.system, "cannot open the database: \(reason)\(remedy)", location: path)
    }
}
