import CharonCore
import Glibc

/// The uids of the tests, none of which owns anything.
let nobody = 65_534
let stranger = 65_533

/// For tests of any user's line: this one and, where that is possible, another.
let someUsers: [Int?] = geteuid() == 0 ? [nil, nobody] : [nil]

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
    /// `environment` is added to PATH and the site's own; a value of nil takes a variable away. The words of `prefix`
    /// come before the program.
    func start(
        _ words: String..., command: [String], environment: [String: String?] = [:], uid: Int? = nil,
        prefix: [String] = [], input: String = "/dev/null"
    ) throws -> Spawned {
        try spawn(prefix + [Programs.run] + words + ["--"] + command, environment, uid, input)
    }

    /// As `start`, until its end.
    func run(
        _ words: String..., command: [String], environment: [String: String?] = [:], uid: Int? = nil,
        prefix: [String] = [], input: String = "/dev/null"
    ) async throws -> Line {
        let line = try spawn(prefix + [Programs.run] + words + ["--"] + command, environment, uid, input)
        let code = try await line.exitCode()
        return Line(exitCode: code, output: line.standardOutput, error: line.standardError)
    }

    private func spawn(_ words: [String], _ environment: [String: String?], _ uid: Int?, _ input: String) throws
        -> Spawned
    {
        let variables = self.environment.mapValues(Optional.some).merging(environment) { _, given in given }
        return try Spawned(
            Self.becoming(uid) + words, in: path, environment: variables.compactMapValues(\.self), input: input)
    }

    /// What a line gets of the site: its daemon, and no place for records that other sites' lines look into.
    var environment: [String: String] {
        [
            "HOME": "\(path)/home", "XDG_RUNTIME_DIR": "\(path)/runtime", "TMPDIR": path, "CHARON_SOCKET": socket,
            "CHARON_TEST_SITE": path,
        ]
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

    /// The private daemons of the site.
    func privateDaemons() -> [Int32] {
        processes().filter { text(of: "/proc/\($0)/cmdline").contains("charond\0--private\0") }
    }

    /// A script that a process has reached: it touches this file.
    func mark(_ name: String) -> String { "\(path)/mark-\(name)" }

    /// Whether that file exists.
    func hasMark(_ name: String) -> Bool { access(mark(name), F_OK) == 0 }

    /// Waits for that file.
    func reached(_ name: String) async throws {
        try await eventually("a job that reaches '\(name)'") { hasMark(name) }
    }

    /// Makes a user the owner of a file or directory.
    func give(_ path: String, to uid: Int) async throws {
        guard chown(path, uid_t(uid), gid_t(uid)) == 0 else { throw Failed("chown \(path): \(errno)") }
    }
}
