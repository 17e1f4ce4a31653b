import CLinux
package import CharonCore
import Glibc

/// Files that are replaced as a whole: a reader sees the old text or the new one, never a mixture.
package enum RecordFile {
    /// What a replaced file survives.
    package enum Durability: Sendable {
        /// The death of any process.
        case process
        /// A power cut: the file and its directory are on disk when the call returns (fsync(2)).
        case disk
    }

    /// Writes `bytes` beside `path` and renames the result onto it.
    package static func replace(
        _ path: String, with bytes: [UInt8], durability: Durability, mode: UInt32 = 0o600
    ) throws(SystemError) {
        // No run, slug or application is named with a dot first.
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let temporary = "\(path[..<slash]).\(path[slash...]).new"
        let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
        do throws(SystemError) {
            try file.write(bytes)
            if durability == .disk { try sync(file, temporary) }
            guard rename(temporary, path) == 0 else { throw SystemError.last("rename", path) }
        } catch {
            unlink(temporary)
            throw error.object == nil ? SystemError(error.call, errno: error.errno, path) : error
        }
        if durability == .disk { try syncDirectory(of: path) }
    }

    /// The whole file, or nil if there is none.
    ///
    /// A file of more than 16 MiB is none of ours and is an error.
    package static func read(_ path: String) throws(SystemError) -> [UInt8]? {
        let file: Descriptor
        do {
            file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
        let size = try file.size
        guard size <= 16 << 20 else { throw SystemError("read", errno: EFBIG, path) }
        return try file.read(at: 0, limit: Int(size))
    }

    /// The file as JSON; nil if there is none or it is no JSON.
    package static func readJSON(_ path: String) throws(SystemError) -> JSON? {
        guard let bytes = try read(path) else { return nil }
        return try? JSON.parse(bytes)
    }

    /// Makes a directory and those above it, each with `mode`; one that exists stays as it is.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .last("mkdir", path)
        }
        try makeDirectory(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .last("mkdir", path) }
    }

    /// The names in a directory but `.` and `..`, sorted; none if it does not exist.
    package static func names(in path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .last("opendir", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Puts what was written to `file` on disk.
    package static func sync(_ file: Descriptor, _ path: String) throws(SystemError) {
        while fsync(file.number) != 0 { guard errno == EINTR else { throw .last("fsync", path) } }
    }

    /// Puts the names in the directory that holds `path` on disk.
    package static func syncDirectory(of path: String) throws(SystemError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try sync([directory])
    }

    /// Puts files and directories on disk, in this order; those that do not exist are passed over.
    package static func sync(_ paths: [String]) throws(SystemError) {
        var files: [(Descriptor, String)] = []
        for path in paths {
            do throws(SystemError) {
                files.append((try Descriptor.open(path, O_RDONLY | O_NOFOLLOW), path))
            } catch {
                guard error.errno == ENOENT else { throw error }
            }
        }
        // All data is on its way before the first is waited for, so that one commit of the journal serves them all.
        for (file, _) in files { clinux_start_writeback(file.number) }
        for (file, path) in files { try sync(file, path) }
    }
}
