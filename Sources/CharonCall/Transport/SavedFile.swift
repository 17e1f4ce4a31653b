import CharonCore
import Glibc

/// A file that appears whole or not at all: until it is committed it has no name, or a hidden one beside the target.
final class SavedFile {
    private let target: SaveTarget
    private let directory: String
    private let file: Descriptor
    private var temporary: String?

    /// O_TMPFILE of open(2), which Swift does not see.
    private static let withoutName = 0o20_000_000 | O_DIRECTORY

    init(_ target: SaveTarget) throws(CallFailure) {
        self.target = target
        let parts = target.path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        directory = parts.count == 1 ? "." : parent.isEmpty ? "/" : parent
        let name = "\(directory)/.\(parts.last ?? "").\(getpid()).part"
        do throws(SystemError) {
            if let nameless = try? Descriptor.open(directory, Self.withoutName | O_WRONLY, mode: target.mode) {
                file = nameless
                temporary = nil
            } else {
                file = try Descriptor.open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: target.mode)
                temporary = name
            }
            guard fchmod(file.number, target.mode) == 0 else { throw .last("fchmod", target.path) }
        } catch {
            throw Self.failure(error, target)
        }
    }

    deinit { if let temporary { unlink(temporary) } }

    func write(_ bytes: some Sequence<UInt8>) throws(CallFailure) {
        do throws(SystemError) { try file.write(bytes) } catch { throw Self.failure(error, target) }
    }

    /// Gives it its name, once it is on the disk.
    func commit() throws(CallFailure) {
        do throws(SystemError) {
            guard fsync(file.number) == 0 else { throw .last("fsync", target.path) }
            let name = temporary ?? "\(directory)/.\(target.path.split(separator: "/").last ?? "").\(getpid()).part"
            if temporary == nil {
                // A file without a name can get one only where there is none: hence a rename too (open(2), O_TMPFILE).
                guard linkat(AT_FDCWD, "/proc/self/fd/\(file.number)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
                    throw .last("linkat", target.path)
                }
                temporary = name
            }
            guard rename(name, target.path) == 0 else { throw .last("rename", target.path) }
            temporary = nil
            let folder = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
            _ = fsync(folder.number)
        } catch {
            throw Self.failure(error, target)
        }
    }

    private static func failure(_ error: SystemError, _ target: SaveTarget) -> CallFailure {
        CallFailure(.cannotCreate, "\(target.path) cannot be written: \(error)")
    }
}
