import CLinux
import CharonCore
import CharonRuns
import Glibc
import Testing

/// A real charon-run process with a record of its own, in a directory that goes with it.
final class Wrapped {
    let pid: Int32
    let directory: String
    private var status: Int32?

    /// What a wrapped command finds as its standard descriptors; a nil output goes to a file of the directory.
    struct Streams {
        var input: Int32?
        var output: Int32?
        var error: Int32?
        /// A terminal: it becomes the controlling one and is 0, 1 and 2.
        var terminal: String?
        /// Files for the record, instead of those in the directory.
        var log: Int32?
        var supervisor: Int32?
        /// What descriptor 5 can be read from.
        var setup: Int32?
    }

    /// - Parameters:
    ///   - command: what stands after `--`.
    ///   - shell: a bash script that runs `"$@"`, with the whole line of charon-run as its arguments.
    init(
        _ command: [String], options: [String] = [], streams: Streams = Streams(), shell: String? = nil,
        mask: [Int32] = []
    ) throws {
        directory = try Self.makeDirectory()
        let supervisor = try Descriptor.open("\(directory)/supervisor", O_RDWR | O_CREAT | O_APPEND, mode: 0o600)
        guard clinux_lock(supervisor.number) == 0 else { throw Missing(what: "the lock") }
        let log = try Descriptor.open("\(directory)/output.log", O_RDWR | O_CREAT | O_APPEND, mode: 0o600)
        let output = try Descriptor.open("\(directory)/stdout", O_WRONLY | O_CREAT, mode: 0o600)
        let error = try Descriptor.open("\(directory)/stderr", O_WRONLY | O_CREAT, mode: 0o600)
        let null = try Descriptor.open("/dev/null", O_RDONLY)
        // Above the numbers that the child gets them as.
        let placed = [
            (streams.input ?? null.number, 0), (streams.output ?? output.number, 1), (streams.error ?? error.number, 2),
            (streams.supervisor ?? supervisor.number, 3), (streams.log ?? log.number, 4), (streams.setup ?? -1, 5),
        ].filter { $0.0 >= 0 }.map { source, target in (fcntl(source, F_DUPFD_CLOEXEC, 20), Int32(target)) }
        defer { for (source, _) in placed { close(source) } }
        let line = [Self.program, "--record", "3:4"] + options + ["test", "--"] + command
        let words = shell.map { ["/bin/bash", "-c", $0, "bash"] + line } ?? line
        pid = try withExtendedLifetime((supervisor, log, output, error, null)) {
            try Self.spawn(words, placed, terminal: streams.terminal, mask: mask)
        }
    }

    deinit {
        if status == nil { kill(pid, SIGKILL) }
        _ = try? waitStatus(within: 5)
        for name in Self.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    /// Waits for the end; returns the exit code, or 1000 + n if signal n ended charon-run itself.
    @discardableResult
    func exitCode(within seconds: Double = 30) throws -> Int32 {
        let status = try waitStatus(within: seconds)
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 1000 + (status & 0x7F)
    }

    private func waitStatus(within seconds: Double) throws -> Int32 {
        if let status { return status }
        var result: Int32 = 0
        try eventually("charon-run \(pid) ends", within: seconds) { waitpid(self.pid, &result, WNOHANG) == pid }
        status = result
        return result
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    func file(_ name: String) throws -> [UInt8] {
        let file = try Descriptor.open("\(directory)/\(name)", O_RDONLY)
        return try file.read(at: 0, limit: Int(try file.size))
    }

    func text(_ name: String) throws -> String { String(decoding: try file(name), as: UTF8.self) }

    func exists(_ name: String) -> Bool { access("\(directory)/\(name)", F_OK) == 0 }

    /// The entries of output.log, every one well-formed.
    func log() throws -> [LogLine] {
        let bytes = try file("output.log")
        guard !bytes.isEmpty else { return [] }
        #expect(bytes.last == 0x0A)
        return try Self.lines(of: bytes).map { try #require(LogLine(entry: $0)) }
    }

    /// Fast on large files in a debug build too.
    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while let base = buffer.baseAddress, let end = memchr(base + start, 0x0A, bytes.count - start) {
                lines.append(bytes[start..<UnsafeRawPointer(end) - base])
                start = UnsafeRawPointer(end) - base + 1
            }
        }
        return lines
    }

    /// Whether somebody holds the supervisor's lock, which says that the run goes on.
    func isLocked() throws -> Bool {
        let file = try Descriptor.open("\(directory)/supervisor", O_RDWR)
        return withExtendedLifetime(file) { clinux_is_locked(file.number) == 1 }
    }

    var records: [SupervisorRecord] { get throws { SupervisorRecord.read(try file("supervisor")) } }

    /// The first line of the record, once it is there.
    func started() throws -> SupervisorRecord.Started {
        var found: SupervisorRecord.Started?
        try eventually("the start is recorded") {
            if case .started(let started) = try self.records.first { found = started }
            return found != nil
        }
        return try #require(found)
    }

    /// The last line of the record; there must be exactly two.
    func ended() throws -> SupervisorRecord.Ended {
        let records = try records
        #expect(records.count == 2)
        guard case .ended(let ended) = records.last else { throw Missing(what: "the outcome line") }
        return ended
    }
}

struct Missing: Error { let what: String }

/// Waits until `condition` holds; a deadline that passes is an error, not a slow test.
func eventually(_ what: String, within seconds: Double = 30, _ condition: () throws -> Bool) throws {
    let end = Instant.now().advanced(bySeconds: seconds)
    while !(try condition()) {
        guard Instant.now() < end else { throw Missing(what: what) }
        usleep(3000)
    }
}

extension Wrapped {
    /// The charon-run beside this test bundle.
    static let program: String = {
        let path = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { text in
            let count = text.baseAddress.map { readlink("/proc/self/exe", $0, text.count) } ?? 0
            return String(decoding: text[..<max(count, 0)], as: UTF8.self)
        }
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/charon-run"
    }()

    /// POSIX_SPAWN_SETSID of <spawn.h>, which is there for GNU sources only.
    private static let newSession: Int32 = 0x80

    private static func makeDirectory() throws -> String {
        var template = Array("/tmp/charon-capture-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.last("mkdtemp") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    private static func spawn(
        _ words: [String], _ placed: [(Int32, Int32)], terminal: String?, mask: [Int32]
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (source, target) in placed { posix_spawn_file_actions_adddup2(&actions, source, target) }
        if let terminal {
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t(), blocked = sigset_t()
        sigfillset(&all)
        sigemptyset(&blocked)
        for signal in mask { sigaddset(&blocked, signal) }
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        let flags =
            Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | (terminal == nil ? 0 : Self.newSession)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: Int32 = 0
        let error = posix_spawn(&pid, words[0], &actions, &attributes, &arguments, environ)
        guard error == 0 else { throw SystemError("posix_spawn", errno: error, words[0]) }
        return pid
    }
}
