import CLinux
import CharonControl
import CharonCore
import CharonRuns
import Glibc

/// Finds or starts the one private daemon of a state directory.
enum PrivateDaemon {
    private static let lockPatience = TimeSpan.seconds(10)

    /// A connection to the daemon, which is started if nobody listens.
    ///
    /// Nil if it cannot be had.
    static func connect(_ state: String) throws -> ControlClient {
        let socket = try socketPath(state)
        if let client = try? ControlClient(path: socket) { return client }
        let lock = try startLock(state)
        defer { withExtendedLifetime(lock) {} }
        // Another line may have started it while this one waited for the lock.
        if let client = try? ControlClient(path: socket) { return client }
        unlink(socket)
        let listener = clinux_listen(socket, 0o600, 1024)
        guard listener >= 0 else { throw SystemError("listen", errno: -listener, socket) }
        let listening = Descriptor(owning: listener)
        try start(state, listening)
        // The kernel takes connections from here on; the daemon answers when it is up.
        return try ControlClient(path: socket)
    }

    /// The socket in the state directory, by way of an open directory where its path is too long for sun_path.
    private static func socketPath(_ state: String) throws(SystemError) -> String {
        let path = "\(state)/charond.sock"
        guard path.utf8.count > 100 else { return path }
        let directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .last("open", state) }
        return "/proc/self/fd/\(directory)/charond.sock"
    }

    private static func startLock(_ state: String) throws(SystemError) -> Descriptor {
        let path = "\(state)/start.lock"
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        for _ in 0..<lockPatience.milliseconds / 5 {
            let error = clinux_lock(file.number)
            if error == 0 { return file }
            guard error == EAGAIN else { throw SystemError("lock", errno: error, path) }
            usleep(5000)
        }
        throw SystemError("lock", errno: ETIMEDOUT, path)
    }

    private static func start(_ state: String, _ listener: Descriptor) throws(SystemError) {
        let program = try program()
        let logFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
        let log = try Descriptor.open("\(state)/charond.log", logFlags, mode: 0o600)
        let error = withCStrings([program, "--private", "--state", state]) { arguments in
            withCStrings(environment()) { environment in
                clinux_start_daemon(program, arguments, environment, listener.number, log.number)
            }
        }
        guard error == 0 else { throw SystemError("exec", errno: error, program) }
    }

    /// charond beside this program, else in the usual places.
    private static func program() throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.lastIndex(of: "/").map { own[..<$0] + "/charond" }.map(String.init)
        let candidates = [beside, "/usr/bin/charond", "/usr/sbin/charond", "/usr/local/bin/charond"]
        guard let found = candidates.compactMap(\.self).first(where: { access($0, X_OK) == 0 }) else {
            throw SystemError("exec", errno: ENOENT, "charond")
        }
        return found
    }

    /// The daemon outlives the line that started it, so it gets none of that line's own variables, and never the key.
    private static func environment() -> [String] {
        let names = [
            "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
            "CHARON_ALLOW_PLAIN_HTTP", "CHARON_CRASH",
        ]
        return names.compactMap { name in Environment.value(name).map { "\(name)=\($0)" } }
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            // The array is never empty: it ends with nil.
            body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }
}
