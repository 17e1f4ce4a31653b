import CharonCore
import Glibc

/// Files that decide what the daemon does: opened first, then judged by their descriptor, so that nobody can swap them
/// in between.
package enum TrustedFile {
    /// Who besides its owner may have rights to a file.
    package enum Privacy {
        /// Others may read it and nobody else may write it.
        case readable
        /// Nobody else may read it.
        case secret
        /// systemd shows the access list of a credential as rights of the group; others have none.
        case credential

        fileprivate var forbidden: mode_t {
            switch self {
            case .readable: 0o022
            case .secret: 0o077
            case .credential: 0o027
            }
        }
    }

    /// The bytes of a regular file of root or of this process' user.
    ///
    /// Throws a message with the remedy, which never holds any of the content; an error of open(2) has its errno.
    package static func read(_ path: String, privacy: Privacy, limit: Int) throws(Refusal) -> [UInt8] {
        let file: Descriptor
        let status: stat
        let bytes: [UInt8]
        do throws(SystemError) {
            // O_NONBLOCK: the open of a FIFO must not wait for a writer.
            file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            status = try Self.status(of: file)
        } catch {
            throw Refusal("cannot be opened: \(SystemError.text(of: error.errno))", errno: error.errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal("must be a regular file") }
        try judgeOwner(status)
        guard status.st_mode & privacy.forbidden == 0 else {
            throw privacy == .readable
                ? Refusal("must not be writable by others: chmod go-w \(path)")
                : Refusal("must not be accessible to others: chmod 600 \(path)")
        }
        do {
            bytes = try file.read(at: 0, limit: limit + 1)
        } catch {
            throw Refusal("cannot be read: \(SystemError.text(of: error.errno))", errno: error.errno)
        }
        guard bytes.count <= limit else { throw Refusal("must have at most \(limit) bytes") }
        return bytes
    }

    /// Throws unless a directory belongs to root or to this process' user and nobody else may write it.
    static func judge(directory path: String) throws(Refusal) {
        let status: stat
        do throws(SystemError) {
            status = try Self.status(of: try Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK))
        } catch {
            throw Refusal("cannot be opened: \(SystemError.text(of: error.errno))", errno: error.errno)
        }
        try judgeOwner(status)
        guard status.st_mode & 0o022 == 0 else { throw Refusal("must not be writable by others: chmod go-w \(path)") }
    }

    private static func judgeOwner(_ status: stat) throws(Refusal) {
        guard status.st_uid != 0, status.st_uid != geteuid() else { return }
        let owners = geteuid() == 0 ? "root" : "root or uid \(geteuid())"
        throw Refusal("must belong to \(owners), not to uid \(status.st_uid): chown it")
    }

    /// Why a file is not read, in words that go on behind its path.
    package struct Refusal: Error, Hashable, Sendable {
        /// What goes on behind the path, with the remedy.
        package let message: String
        /// Of open(2), where that failed.
        package let errno: Int32?

        var code: SettingsError.Problem.Code { errno == nil ? .trust : .file }

        init(_ message: String, errno: Int32? = nil) {
            self.message = message
            self.errno = errno
        }
    }

    private static func status(of file: Descriptor) throws(SystemError) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw .last("fstat") }
        return status
    }
}
