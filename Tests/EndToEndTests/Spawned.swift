import Glibc
import Synchronization

/// A process that a test has started, in a process group of its own, with its output in files.
final class Spawned: Sendable {
    let pid: Int32
    let outputPath: String
    let errorPath: String
    private let status = Mutex<Int32?>(nil)

    /// The PATH of every process of the tests.
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Starts `arguments` in `directory`, where its output goes to files named after `name`.
    ///
    /// `environment` is all of its environment but for PATH; `descriptors` become 3, 4 and so on.
    init(
        _ arguments: [String], in directory: String, environment: [String: String] = [:], input: String = "/dev/null",
        name: String? = nil, descriptors: [Int32] = []
    ) throws {
        let name = name ?? "\(Self.count.add(1, ordering: .relaxed).newValue)"
        outputPath = directory == "/" ? "/dev/null" : "\(directory)/\(name).out"
        errorPath = directory == "/" ? "/dev/null" : "\(directory)/\(name).err"
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(3 + index))
        }
        // What the test's own process was given is no business of the programs.
        for number in entries(of: "/proc/self/fd").compactMap({ Int32($0) }) where number > 2 {
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = environment.merging(["PATH": Self.path]) { given, _ in given }.map { "\($0)=\($1)" }
        var words = (["env", "--chdir", directory] + arguments).map { strdup($0) } + [nil]
        var settings = variables.map { strdup($0) } + [nil]
        defer { for pointer in words + settings { free(pointer) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, "env", &actions, &attributes, &words, &settings)
        guard error == 0 else { throw Failed("\(arguments[0]): \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    private static let count = Atomic<Int>(0)

    /// The exit code in the shell's way, 128+n for signal n; nil while the process runs.
    var exitCode: Int32? {
        status.withLock { status in
            var raw: Int32 = 0
            if status == nil, waitpid(pid, &raw, WNOHANG) == pid {
                status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
            }
            return status
        }
    }

    /// Waits for the end.
    @discardableResult
    func exitCode(within seconds: Double = 60) async throws -> Int32 {
        try await eventually("the end of process \(pid): \(standardError)", within: seconds) { exitCode }
    }

    func send(_ signal: Int32) { if exitCode == nil { kill(pid, signal) } }

    /// Kills the process and reaps it.
    func end() async throws {
        send(SIGKILL)
        try await exitCode()
    }

    var standardOutput: String { text(of: outputPath) }
    var standardError: String { text(of: errorPath) }
    /// The lines of standard error.
    var complaints: [String] { standardError.split(separator: "\n").map(String.init) }
}

/// Runs a command and returns its standard output without the last newline; throws if it fails.
func output(_ arguments: [String], in directory: String, environment: [String: String] = [:]) async throws -> String {
    // There, the files below would be /dev/null.
    guard directory != "/" else { throw Failed("no output in /") }
    let command = try Spawned(arguments, in: directory, environment: environment)
    let code = try await command.exitCode()
    guard code == 0 else { throw Failed("\(arguments) exited with \(code): \(command.standardError)") }
    let text = command.standardOutput
    unlink(command.outputPath)
    unlink(command.errorPath)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
}
