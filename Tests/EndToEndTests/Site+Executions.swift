import CharonCore
import Glibc

/// An execution as the server's database holds it.
struct Execution {
    let id: Int64
    let startedAt: String
    let endedAt: String?
    let success: Bool?
    let type: String?
    let message: String
    /// In the order of their arrival.
    var messages: [Message] = []

    struct Message: Hashable {
        let type: String
        let text: String
        let receivedAt: String
    }

    /// All lines of its messages.
    var lines: [String] { messages.flatMap { $0.text.split(separator: "\n").map(String.init) } }
}

extension Site {
    /// Asks the server's database, which needs no server for that.
    func query(_ sql: String) async throws -> [JSON] {
        let command = ["sqlite3", "-readonly", "-json", "-cmd", ".timeout 5000", database, sql]
        let text = try await output(command, in: path)
        return text.isEmpty ? [] : try JSON.parse(text.utf8).array ?? []
    }

    /// The executions of a slug, the oldest first.
    func executions(of slug: String) async throws -> [Execution] {
        var found: [Execution] = []
        let rows = try await query(
            "SELECT e.* FROM executions e JOIN crons c ON c.id = e.cron_id WHERE c.slug = '\(slug)' ORDER BY e.id")
        for row in rows {
            guard let id = row["id"]?.integer, let startedAt = row["started_at"]?.string else { continue }
            var execution = Execution(
                id: id, startedAt: startedAt, endedAt: row["ended_at"]?.string,
                success: row["success"]?.integer.map { $0 == 1 }, type: row["type"]?.string,
                message: row["message"]?.string ?? "")
            let messages = try await query("SELECT * FROM messages WHERE execution_id = \(id) ORDER BY id")
            execution.messages = messages.map {
                Execution.Message(
                    type: $0["type"]?.string ?? "", text: $0["text"]?.string ?? "",
                    receivedAt: $0["received_at"]?.string ?? "")
            }
            found.append(execution)
        }
        return found
    }

    /// Waits until a slug has `count` executions, all ended, and returns them; throws if it has more.
    func ended(_ slug: String, count: Int, within seconds: Double = 30) async throws -> [Execution] {
        try await eventually("\(count) ended executions of \(slug)", within: seconds) {
            let found = try await executions(of: slug)
            guard found.count <= count else { throw Failed("\(found.count) executions of \(slug) instead of \(count)") }
            return found.count == count && found.allSatisfy({ $0.endedAt != nil }) ? found : nil
        }
    }

    /// Waits until the one execution of a slug has ended.
    func ended(_ slug: String, within seconds: Double = 30) async throws -> Execution {
        guard let one = try await ended(slug, count: 1, within: seconds).first else { throw Failed("none") }
        return one
    }

    /// The record directories of a slug in a state directory, the oldest first.
    func records(of slug: String, state: String? = nil) -> [String] {
        let place = "\(state ?? self.state)/runs/\(slug)"
        return entries(of: place).map { "\(place)/\($0)" }
    }

    /// A JSON file of a record.
    func json(_ path: String) throws -> JSON { try JSON.parse(bytes(of: path)) }

    /// Waits until the delivery of the only run of a slug is done, and returns `delivery.json`.
    func delivered(_ slug: String, state: String? = nil) async throws -> JSON {
        try await eventually("the delivery of \(slug)") {
            guard let record = records(of: slug, state: state).first,
                let delivery = try? json("\(record)/delivery.json"), delivery["end"]?.string != "unsent"
            else { return nil }
            return delivery
        }
    }
}
