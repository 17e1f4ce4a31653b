import CharonCore
import Glibc

/// What charon-run takes from its environment.
struct Environment {
    /// Where a private daemon reports to, and with which key.
    struct Credentials {
        let url: String
        let key: String
    }

    /// The control socket of the host's daemon.
    let systemSocket: String
    /// The socket was named by CHARON_SOCKET: no other daemon is wanted.
    let isSocketGiven: Bool

    init() {
        let given = Self.value("CHARON_SOCKET")
        systemSocket = given ?? "/run/charon/charond.sock"
        isSocketGiven = given != nil
    }

    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// CHARON_URL with CHARON_API_KEY_FILE, the systemd credential `charon-api-key` or CHARON_API_KEY, in this order.
    ///
    /// Nil without a URL. Throws if there is a URL and no key that may be used; the key is in no error.
    static func credentials() throws(CharonError) -> Credentials? {
        guard let url = value("CHARON_URL") else { return nil }
        if let path = value("CHARON_API_KEY_FILE") { return Credentials(url: url, key: try key(in: path)) }
        if let directory = value("CREDENTIALS_DIRECTORY"), access("\(directory)/charon-api-key", R_OK) == 0 {
            return Credentials(url: url, key: try key(in: "\(directory)/charon-api-key"))
        }
        if let key = value("CHARON_API_KEY") { return Credentials(url: url, key: key) }
        throw CharonError(
            .configuration, "CHARON_URL is set without a key: set CHARON_API_KEY_FILE to a file that only you can read")
    }

    private static func key(in path: String) throws(CharonError) -> String {
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try Descriptor.open(path, O_RDONLY)
            var status = stat()
            guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError("open", errno: EINVAL, path)
            }
            guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() || status.st_uid == 0 else {
                throw SystemError("open", errno: EPERM, path)
            }
            bytes = try file.read(at: 0, limit: 4096)
        } catch {
            let remedy = error.errno == EPERM ? "others can read it, or it is another user's: chmod 600 it" : "\(error)"
            throw CharonError(.permission, "the key file cannot be used: \(remedy)", location: path)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let key = text.split(whereSeparator: \.isWhitespace).first else {
            throw CharonError(.configuration, "the key file is empty: put the API key in it", location: path)
        }
        return String(key)
    }
}
