import CharonControl
import CharonCore
import Glibc
import Testing

/// One installation for one test: a directory, a server in it, a daemon, and wrapped lines.
final class Site {
    private let scratch: Scratch
    var path: String { scratch.path }
    /// The key that the daemon and private daemons use.
    private(set) var key = ""
    /// The base URL of the server, or of whatever stands for it.
    var url = ""
    private(set) var server: Spawned?
    private(set) var daemon: Spawned?
    private var mounts: [String] = []

    /// Runs `body` with a site of its own, of which nothing is left afterwards.
    static func with(_ body: (Site) async throws -> Void) async throws {
        let site = try Site()
        do {
            try await body(site)
        } catch {
            Issue.record("charond's log:\n\(site.daemonLog)")
            await site.cleanUp()
            throw error
        }
        await site.cleanUp()
    }

    /// As above, with a server that knows `slugs` and a daemon.
    static func running(_ slugs: String..., body: (Site) async throws -> Void) async throws {
        try await with { site in
            try await site.serve(slugs)
            try await site.startDaemon()
            try await body(site)
        }
    }

    private init() throws {
        scratch = try Scratch()
        for name in ["home", "run"] { mkdir("\(path)/\(name)", 0o755) }
    }

    // MARK: The server

    var database: String { "\(path)/charon.sqlite" }
    var keyFile: String { "\(path)/key" }

    /// `charon-server` with these words; its standard output.
    @discardableResult
    func administer(_ words: String...) async throws -> String {
        try await output([Programs.server] + words + ["--database", database], in: path)
    }

    /// Makes the key and registers `slugs`, once each.
    func register(_ slugs: [String]) async throws {
        if key.isEmpty {
            key = try await administer("key", "add", "site")
            try write(key + "\n", to: keyFile)
        }
        for slug in slugs { try await administer("cron", "add", slug) }
    }

    /// Registers `slugs` and starts the server, on the port that it had before if it had one.
    ///
    /// The words of `prefix` come before the program; those of CHARON_TEST_SERVER are options, as in `--dialect bare`.
    func serve(
        _ slugs: [String] = [], options: [String] = [], on host: String = "127.0.0.1", prefix: [String] = []
    ) async throws {
        try await register(slugs)
        let address = url.isEmpty ? "\(host):0" : String(url.dropFirst("http://".count).prefix { $0 != "/" })
        let words = [Programs.server, "serve", "--database", database, "--durability", "normal", "--listen", address]
        let given =
            getenv("CHARON_TEST_SERVER").map { String(cString: $0).split(separator: " ").map(String.init) } ?? []
        let started = try Spawned(prefix + words + given + options, in: path)
        server = started
        url = try await eventually("the server: \(started.standardError)") {
            guard started.exitCode == nil else { throw Failed("charon-server: \(started.standardError)") }
            let lines = started.standardOutput.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return lines.compactMap { $0.hasPrefix("listening on ") ? String($0.dropFirst(13)) : nil }.first
        }
    }

    func stopServer() async throws { try await server?.end() }

    // MARK: The daemon

    var state: String { "\(path)/state" }
    var socket: String { "\(path)/run/charond.sock" }
    /// What the daemons of this site have logged.
    var daemonLog: String { text(of: "\(path)/charond.err") }

    /// Starts charond and returns when it takes connections; with a `crash` point it will die there.
    ///
    /// The words of `prefix` come before the program.
    func startDaemon(
        _ arguments: [String] = [], environment: [String: String] = [:], crash: String? = nil, prefix: [String] = []
    ) async throws {
        var variables = ["CHARON_URL": url, "CHARON_API_KEY_FILE": keyFile, "HOME": "\(path)/home"]
        variables["CHARON_CRASH"] = crash
        variables.merge(environment) { _, given in given }
        let started = try Spawned(
            prefix + [Programs.daemon, "--state", state, "--socket", socket] + arguments, in: path,
            environment: variables, name: "charond")
        daemon = started
        try await eventually("charond's socket: \(daemonLog)") {
            guard started.exitCode == nil else { throw Failed("charond: \(daemonLog)") }
            return (try? ControlClient(path: socket)) != nil
        }
    }

    /// Kills the daemon with `signal` and waits for its end.
    func stopDaemon(_ signal: Int32 = SIGKILL) async throws {
        daemon?.send(signal)
        try await daemon?.exitCode()
    }

    // MARK: The end

    /// Mounts something below the site until the end of the test.
    func mount(_ arguments: String..., at place: String) async throws {
        mkdir(place, 0o755)
        _ = try await output(["mount"] + arguments + [place], in: path)
        mounts.append(place)
    }

    /// The processes that have this site in their environment or arguments, whoever started them.
    func processes() -> [Int32] {
        let own = getpid()
        return entries(of: "/proc").compactMap { Int32($0) }.filter { pid in
            pid != own && (text(of: "/proc/\(pid)/environ") + text(of: "/proc/\(pid)/cmdline")).contains(path)
        }
    }

    private func cleanUp() async {
        if getenv("CHARON_TEST_KEEP") != nil { print("kept: \(path)") }
        // A process may start another between two looks.
        while case let left = processes(), !left.isEmpty {
            for pid in left { kill(pid, SIGKILL) }
            _ = (server?.exitCode, daemon?.exitCode)
            try? await Task.sleep(for: .milliseconds(10))
            var status: Int32 = 0
            for pid in left { waitpid(pid, &status, WNOHANG) }
        }
        for mount in mounts.reversed() { umount2(mount, Int32(MNT_DETACH)) }
        if getenv("CHARON_TEST_KEEP") == nil { scratch.remove() }
    }
}

/// The names in a directory, sorted; none if it cannot be read.
func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}
