package import CharonCore
import Glibc

/// A control group of the unified hierarchy, as a directory; see cgroups(7).
package struct Cgroup: Hashable, Sendable {
    /// Its directory.
    package let directory: String
    /// Its directory in the memory controller's own hierarchy of version 1; nil where there is none.
    package let memoryDirectory: String?

    package init(directory: String, memoryDirectory: String? = nil) {
        self.directory = directory
        self.memoryDirectory = memoryDirectory
    }

    /// Whether a process is in it or below it; false once it is gone, nil if the kernel does not say.
    package var isPopulated: Bool? {
        guard access(directory, F_OK) == 0 else { return false }
        return Self.value("populated", in: "\(directory)/cgroup.events").map { $0 != 0 }
    }

    /// How many of its processes were killed for lack of memory; 0 where nobody counts.
    package var oomKills: Int64 {
        if let count = Self.value("oom_kill", in: "\(directory)/memory.events") { return count }
        return memoryDirectory.flatMap { Self.value("oom_kill", in: "\($0)/memory.oom_control") } ?? 0
    }

    /// Kills all that is in it or below it.
    ///
    /// Kernels before 5.14 have no cgroup.kill: each process gets a SIGKILL there, in three rounds, because it may have
    /// started another meanwhile. Throws if that could not be done; a group that is gone is no error.
    package func kill() throws(SystemError) {
        guard access(directory, F_OK) == 0 else { return }
        do throws(SystemError) {
            try Descriptor.open("\(directory)/cgroup.kill", O_WRONLY).write("1".utf8)
        } catch {
            guard error.errno == ENOENT || error.errno == ENODEV else { throw error }
            for _ in 0..<3 {
                let processes = Self.processes(below: directory)
                guard !processes.isEmpty else { return }
                for process in processes { Glibc.kill(process, SIGKILL) }
            }
        }
    }

    /// The processes of a group and of those below it, but for the caller.
    static func processes(below directory: String) -> [Int32] {
        let text = text(of: "\(directory)/cgroup.procs") ?? ""
        // A process outside of the reader's PID namespace shows as 0, which kill(2) takes for the caller's group.
        let own = text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 1 && $0 != getpid() }
        return own + children(of: directory).flatMap { processes(below: "\(directory)/\($0)") }
    }

    private static func children(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The number after `key` in a file of lines `key value`; nil without such a line.
    private static func value(_ key: String, in path: String) -> Int64? {
        for line in (text(of: path) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int64(words[1]) }
        }
        return nil
    }

    private static func text(of path: String) -> String? {
        guard let bytes = try? Descriptor.open(path, O_RDONLY).read(at: 0, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
