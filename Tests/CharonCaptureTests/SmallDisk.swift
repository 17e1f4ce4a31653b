import CLinux
import CharonCore
import Glibc

/// A file system of 64 KiB that goes with its owner; mounting needs root.
final class SmallDisk {
    let name = "charon-disk-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    private var path: String { "/tmp/\(name)" }

    /// Whether this process may mount, tried once.
    static let isPossible = (try? SmallDisk()) != nil

    init() throws {
        guard mkdir("/tmp/\(name)", 0o700) == 0 else { throw SystemError.last("mkdir") }
        guard mount("charon-test", path, "tmpfs", 0, "size=64k") == 0 else {
            let error = SystemError.last("mount")
            rmdir(path)
            throw error
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// New files of a run's record.
    func record() throws -> (supervisor: Descriptor, output: Descriptor) {
        let flags = O_RDWR | O_CREAT | O_APPEND
        let supervisor = try Descriptor.open("\(path)/supervisor", flags, mode: 0o600)
        // As whoever makes a record does.
        guard clinux_reserve(supervisor.number, 4096) == 0 else { throw SystemError.last("fallocate") }
        return (supervisor, try Descriptor.open("\(path)/output.log", flags, mode: 0o600))
    }

    /// Leaves room for the supervisor file and one page.
    func fill() throws {
        try Descriptor.open("\(path)/filler", O_WRONLY | O_CREAT, mode: 0o600).write(
            [UInt8](repeating: 0, count: 53_248))
    }

    func empty() throws { guard unlink("\(path)/filler") == 0 else { throw SystemError.last("unlink") } }
}
