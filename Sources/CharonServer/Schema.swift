import GRDB

/// The database's tables, by version.
///
/// Times are RFC 3339 in UTC with nine decimals, so that their text order is their time order. The three id spaces begin
/// far apart, so that a cron's id sent for an execution's is a 404 and not another's execution.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in try db.execute(sql: version1) }
        return migrator
    }()

    private static let version1 = """
        CREATE TABLE crons (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            slug TEXT NOT NULL UNIQUE,
            name TEXT,
            active INTEGER NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            label TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE,
            created_at TEXT NOT NULL,
            revoked_at TEXT
        ) STRICT;
        CREATE UNIQUE INDEX keys_label ON keys (label) WHERE revoked_at IS NULL;
        CREATE TABLE executions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            cron_id INTEGER NOT NULL REFERENCES crons (id),
            key_id INTEGER NOT NULL REFERENCES keys (id),
            started_at TEXT NOT NULL,
            ended_at TEXT,
            success INTEGER,
            type TEXT,
            message TEXT
        ) STRICT;
        CREATE INDEX executions_cron ON executions (cron_id, id);
        CREATE INDEX executions_started ON executions (started_at);
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            execution_id INTEGER NOT NULL REFERENCES executions (id),
            type TEXT NOT NULL,
            text TEXT NOT NULL,
            received_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX messages_execution ON messages (execution_id, id);
        CREATE TABLE idempotency (
            key_id INTEGER NOT NULL REFERENCES keys (id),
            call TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            answer INTEGER NOT NULL,
            PRIMARY KEY (key_id, call, idempotency_key)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO sqlite_sequence (name, seq) VALUES ('executions', 1000000), ('messages', 1000000000);
        """
}
