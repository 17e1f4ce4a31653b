import CharonCore
import Glibc

/// The uids of the tests, none of which owns anything.
let nobody = 65_534
let stranger = 65_533

/// What a wrapped line left: its exit code and what it wrote.
struct Line {
    let exitCode: Int32
    let output: String
    let error: String

    /// The lines of standard error that charon-run itself wrote.
    var complaints: [String] {
        error.split(separator: "\n").map(String.init).filter { $0.hasPrefix("charon-run: ") }
    }
}

extension Site {
    /// Starts a wrapped line: `words` are options and slug, `command` stands behind `--`.
    ///
    /// `environment` is added to PATH, HOME and CHARON_SOCKET; a value of nil takes a variable away.
    func start(
        _ words: String..., command: [String], environment: [String: String?] = [:], uid: Int? = nil,
        prefix: [String] = [], input: String = "/dev/null", descriptors: [Int32] = []
    ) throws -> Spawned {
        var variables: [String: String?] = ["HOME": "\(path)/home", "CHARON_SOCKET": socket, "CHARON_TEST_SITE": path]
        variables.merge(environment) { _, given in given }
        return try Spawned(
            Self.becoming(uid) + prefix + [Programs.run] + words + ["--"] + command, in: path,
            environment: variables.compactMapValues(\.self), input: input, descriptors: descriptors)
    }

    /// As `start`, until its end.
    func run(
        _ words: String..., command: [String], environment: [String: String?] = [:], uid: Int? = nil,
        prefix: [String] = [], input: String = "/dev/null"
    ) async throws -> Line {
        var variables: [String: String?] = ["HOME": "\(path)/home", "CHARON_SOCKET": socket, "CHARON_TEST_SITE": path]
        variables.merge(environment) { _, given in given }
        let line = try Spawned(
            Self.becoming(uid) + prefix + [Programs.run] + words + ["--"] + command, in: path,
            environment: variables.compactMapValues(\.self), input: input)
        let code = try await line.exitCode()
        return Line(exitCode: code, output: line.standardOutput, error: line.standardError)
    }

    /// As `run`, with a shell script as the command.
    func run(_ slug: String, script: String, environment: [String: String?] = [:], uid: Int? = nil) async throws -> Line
    {
        try await run(slug, command: ["sh", "-c", script], environment: environment, uid: uid)
    }

    /// The words before a command that make another user run it.
    static func becoming(_ uid: Int?) -> [String] {
        uid.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups"] } ?? []
    }

    /// The environment of a line without a host's daemon, whose private daemon lives in `home` under the site.
    func withoutDaemon(home: String = "home") -> [String: String?] {
        [
            "CHARON_SOCKET": nil, "CHARON_URL": url, "CHARON_API_KEY_FILE": keyFile, "HOME": "\(path)/\(home)",
            "TMPDIR": path,
        ]
    }

    /// A script that a process has reached: it touches this file.
    func mark(_ name: String) -> String { "\(path)/mark-\(name)" }

    /// Whether that file exists.
    func hasMark(_ name: String) -> Bool { access(mark(name), F_OK) == 0 }

    /// Waits for that file.
    func reached(_ name: String) async throws {
        try await eventually("a job that reaches '\(name)'") { hasMark(name) }
    }
}

/// An execution as the server's database holds it.
struct Execution {
    let id: Int64
    let startedAt: String
    let endedAt: String?
    let success: Bool?
    let type: String?
    let message: String
    /// Type and text of each message, in their order.
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
        let text = try await output(["sqlite3", "-readonly", "-json", "-cmd", ".timeout 5000", database, sql], in: path)
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

extension Site {
    /// Makes a user the owner of a file or directory.
    func give(_ path: String, to uid: Int) async throws {
        guard chown(path, uid_t(uid), gid_t(uid)) == 0 else { throw Failed("chown \(path): \(errno)") }
    }
}
