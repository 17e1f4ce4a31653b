import Glibc

/// The programs under test: those beside this test bundle, or in the directory `$CHARON_BIN`.
enum Programs {
    static let directory: String = {
        if let given = getenv("CHARON_BIN") { return String(cString: given) }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = max(readlink("/proc/self/exe", &buffer, buffer.count - 1), 0)
        let own = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
    }()

    static let run = "\(directory)/charon-run"
    static let daemon = "\(directory)/charond"
    static let server = "\(directory)/charon-server"
    static let control = "\(directory)/charonctl"
    static let call = "\(directory)/charon-call"

    /// The repository that this file is part of.
    static let repository = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    /// Whether the programs are a debug build, which `CHARON_CRASH` can kill.
    static func haveCrashPoints() async throws -> Bool {
        let place = try Scratch()
        defer { place.remove() }
        let probe = try Spawned(
            [run, "--when-unreachable", "run", "probe", "--", "true"], in: place.path,
            environment: ["CHARON_CRASH": "after-outcome", "CHARON_SOCKET": "/nonexistent", "HOME": place.path])
        return try await probe.exitCode() == 128 + SIGKILL
    }
}

/// A directory of its own under the system's temporary one, which every user may pass through.
struct Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/charon-e2e.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed("mkdtemp: \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    func remove() {
        // Nothing below may be a mount point of another file system when the tree goes.
        guard let tree = try? Spawned(["rm", "-rf", "--one-file-system", path], in: "/") else { return }
        var status: Int32 = 0
        waitpid(tree.pid, &status, 0)
    }
}

/// What a test cannot go on without.
struct Failed: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer; throws after `seconds`, naming what was waited for.
func eventually<Value>(
    _ what: @autoclosure () -> String, within seconds: Double = 30, _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if let value = try await look() { return value }
        guard ContinuousClock.now < deadline else { throw Failed("not within \(seconds) s: \(what())") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// As above, for something that has to become true.
func eventually(
    _ what: @autoclosure () -> String, within seconds: Double = 30, _ isTrue: () async throws -> Bool
) async throws {
    try await eventually(what(), within: seconds) { try await isTrue() ? () : nil }
}

/// The text of a file, also of one under /proc; empty if it cannot be read.
func text(of path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }

/// The bytes of a file; none if it cannot be read.
func bytes(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return bytes
}

/// Writes a file that only its owner can read.
func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Failed("open \(path): \(errno)") }
    defer { close(descriptor) }
    guard fchmod(descriptor, mode) == 0, Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
        throw Failed("write \(path): \(errno)")
    }
}
