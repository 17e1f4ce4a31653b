import CLinux
package import CharonCore
import Glibc

/// How much of a disk something takes.
package struct DiskUse: Hashable, Sendable, CustomStringConvertible {
    /// Allocated, in bytes.
    package var bytes: Int64
    /// Inodes: files and directories.
    package var files: Int64

    package init(bytes: Int64 = 0, files: Int64 = 0) {
        self.bytes = bytes
        self.files = files
    }

    /// What a run takes whose command has written nothing: a directory and five small files.
    package static let ofRun = DiskUse(bytes: 24_576, files: 6)

    /// What a file, or a directory with all that it holds, takes; nothing if it does not exist.
    ///
    /// Symbolic links are not followed.
    package init(of path: String) {
        self.init()
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        self.init(bytes: Int64(status.st_blocks) * 512, files: 1)
        guard status.st_mode & S_IFMT == S_IFDIR else { return }
        for name in (try? RecordFile.names(in: path)) ?? [] { self += DiskUse(of: "\(path)/\(name)") }
    }

    package var description: String { "\(ByteCount(bytes)) in \(files) file\(files == 1 ? "" : "s")" }

    package static func + (a: DiskUse, b: DiskUse) -> DiskUse {
        DiskUse(bytes: a.bytes + b.bytes, files: a.files + b.files)
    }

    package static func - (a: DiskUse, b: DiskUse) -> DiskUse {
        DiskUse(bytes: a.bytes - b.bytes, files: a.files - b.files)
    }

    package static func += (a: inout DiskUse, b: DiskUse) { a = a + b }

    package static func -= (a: inout DiskUse, b: DiskUse) { a = a - b }
}

extension RunDirectory {
    /// What the run takes of the disk.
    package var use: DiskUse { DiskUse(of: path) }

    /// What its output takes of the disk, in bytes.
    package var outputUse: Int64 { DiskUse(of: outputPath).bytes }

    /// Whether parts of the output can be given back to the file system; nothing is changed.
    package func canDropOutput() throws(SystemError) -> Bool {
        let file = try Descriptor.open(outputPath, O_WRONLY | O_NOFOLLOW)
        // Behind the end there is nothing, even if the command goes on writing.
        let error = clinux_punch_hole(file.number, try file.size + 1 << 30, 4096)
        return error != EOPNOTSUPP && error != ENOSYS
    }

    /// Gives parts of the output back to the file system; offsets stay, and what is read there are zeros.
    package func dropOutput(_ parts: [DeliveryRecord.Batch]) throws(SystemError) {
        let parts = parts.filter { $0.from < $0.to }
        guard !parts.isEmpty else { return }
        let file = try Descriptor.open(outputPath, O_WRONLY | O_NOFOLLOW)
        for part in parts {
            let error = clinux_punch_hole(file.number, part.from, part.to - part.from)
            guard error == 0 else { throw SystemError("fallocate", errno: error, outputPath) }
        }
    }

    /// Removes the output alone.
    package func removeOutput() { unlink(outputPath) }
}
