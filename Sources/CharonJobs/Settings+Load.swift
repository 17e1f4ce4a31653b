import Glibc

extension Settings {
    /// The largest `charon.yaml`, in bytes.
    package static let largestFile = 1 << 20

    /// Reads the `charon.yaml` at `path`; user names are those of the passwd(5) file at `passwd`.
    ///
    /// The file must be regular, belong to root or this process' user and be writable by nobody else.
    package static func load(
        path: String, passwd: String = "/etc/passwd", checks: Checks = Checks()
    ) throws(SettingsError) -> Settings {
        try parse(text: try text(path: path), file: path, users: try users(passwd), checks: checks)
    }

    static func text(path: String) throws(SettingsError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, privacy: .readable, limit: largestFile)
        } catch {
            throw SettingsError([.init(error.code, file: path, message: "the configuration \(error.message)")])
        }
        return try text(of: bytes, path: path)
    }

    /// The text of a file, without its byte order mark; throws if it is no UTF-8.
    static func text(of bytes: [UInt8], path: String) throws(SettingsError) -> String {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        if let text = String(validating: content, as: UTF8.self) { return text }
        let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
        let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw SettingsError([.init(.yaml, file: path, line: line + 1, column: 1, message: "the line is no UTF-8")])
    }

    static func users(_ passwd: String) throws(SettingsError) -> UserTable {
        do {
            let bytes = try TrustedFile.read(passwd, privacy: .readable, limit: 16 << 20)
            return UserTable(passwd: String(decoding: bytes, as: UTF8.self))
        } catch {
            // A container without the file has no user names; numbers need none.
            if error.errno == ENOENT { return UserTable(passwd: "") }
            throw SettingsError([.init(error.code, file: passwd, message: "the list of users \(error.message)")])
        }
    }
}
