import CLinux
import CharonCore
import Crypto
import Glibc

/// Tokens on disk, for this user alone: a directory 0700 with a file 0600 for each token.
///
/// A file's name is an HMAC of what the token was got with, under a random key that stays in the directory: it tells
/// nothing of a secret, not even to somebody who guesses it.
struct TokenCache: Sendable {
    let directory: String
    private let salt: [UInt8]

    /// Opens or makes the directory; throws what is in the way.
    init(directory: String) throws(SystemError) {
        self.directory = directory
        try Self.make(directory)
        salt = try Self.salt(directory)
    }

    /// Where this user's tokens are, by the environment: systemd's cache directory, XDG's, the home, else one in the
    /// directory for temporary files.
    static func place(environment: (String) -> String?) -> String {
        func absolute(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let path = absolute("CACHE_DIRECTORY") {
            // Several are divided by colons (systemd.exec(5)).
            return String(path.prefix { $0 != ":" }) + "/charon-call"
        }
        if let path = absolute("XDG_CACHE_HOME") { return "\(path)/charon-call" }
        let home = absolute("HOME") ?? getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) }
        if let home, home.hasPrefix("/"), access(home, W_OK) == 0 { return "\(home)/.cache/charon-call" }
        return "\(absolute("TMPDIR") ?? "/tmp")/charon-call-\(geteuid())"
    }

    /// The file for the token of an identity.
    func path(_ identity: [String]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: salt))
        for part in identity {
            code.update(data: Array("\(part.utf8.count):".utf8))
            code.update(data: Array(part.utf8))
        }
        return "\(directory)/" + code.finalize().map { Self.hexadecimal($0) }.joined()
    }

    /// The token of a file; nil if there is none that can be used.
    func read(_ path: String) -> Token? {
        guard let file = try? Self.open(path, O_RDONLY), let bytes = try? file.read(at: 0, limit: 1 << 20) else {
            return nil
        }
        return (try? JSON.parse(bytes)).flatMap { Token($0) }
    }

    /// Replaces the token of a file.
    func write(_ token: Token, _ path: String) throws(SystemError) {
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        do throws(SystemError) {
            try file.write(token.json.bytes)
            guard rename(temporary, path) == 0 else { throw SystemError.last("rename", path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// A lock that keeps others from asking for the same token; nil while another process has it.
    func lock(_ path: String) throws(SystemError) -> Descriptor? {
        let file = try Self.open("\(path).lock", O_RDWR | O_CREAT)
        switch clinux_lock(file.number) {
        case 0: return file
        case EAGAIN, EACCES: return nil
        case let error: throw SystemError("fcntl", errno: error, path)
        }
    }

    /// Opens a file of this user's own and nobody else's.
    private static func open(_ path: String, _ flags: Int32) throws(SystemError) -> Descriptor {
        let file = try Descriptor.open(path, flags | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
        try judge(file, path)
        return file
    }

    private static func judge(_ file: Descriptor, _ path: String) throws(SystemError) {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw .last("fstat", path) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw SystemError("open", errno: EPERM, path)
        }
    }

    private static func make(_ directory: String) throws(SystemError) {
        var parent = directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)]
        var missing: [Substring] = []
        while !parent.isEmpty, access(String(parent), F_OK) != 0 {
            missing.append(parent)
            parent = parent[..<(parent.lastIndex(of: "/") ?? parent.startIndex)]
        }
        for path in missing.reversed() { mkdir(String(path), 0o700) }
        guard mkdir(directory, 0o700) == 0 || Glibc.errno == EEXIST else { throw .last("mkdir", directory) }
        try judge(try Descriptor.open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), directory)
    }

    /// The random key of the directory; of two processes that make one, the first counts.
    private static func salt(_ directory: String) throws(SystemError) -> [UInt8] {
        let path = "\(directory)/salt"
        if access(path, F_OK) != 0 {
            let temporary = "\(path).\(getpid())"
            unlink(temporary)
            let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            var random = SystemRandomNumberGenerator()
            try file.write((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            defer { unlink(temporary) }
            guard link(temporary, path) == 0 || Glibc.errno == EEXIST else { throw .last("link", path) }
        }
        let salt = try open(path, O_RDONLY).read(at: 0, limit: 64)
        guard salt.count == 32 else { throw SystemError("read", errno: EINVAL, path) }
        return salt
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
