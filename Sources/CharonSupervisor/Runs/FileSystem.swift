package import CharonRuns
import Glibc

/// The size of a file system and what of it a process may still take (statvfs(3)).
package struct FileSystem: Hashable, Sendable {
    /// 0 files where the file system does not count them.
    package var size: DiskUse
    package var available: DiskUse

    package init(size: DiskUse, available: DiskUse) {
        self.size = size
        self.available = available
    }

    /// The file system of a path; nil if it cannot be asked.
    package init?(of path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        // What root may take beyond is no budget of ours.
        let block = Int64(clamping: status.f_frsize)
        func bytes(_ blocks: UInt) -> Int64 {
            block.multipliedReportingOverflow(by: Int64(clamping: blocks)).partialValue
        }
        size = DiskUse(bytes: bytes(status.f_blocks), files: Int64(clamping: status.f_files))
        available = DiskUse(bytes: bytes(status.f_bavail), files: Int64(clamping: status.f_favail))
    }
}
