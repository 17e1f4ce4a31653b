import Glibc

/// What /proc tells about other processes; an unreadable entry is as if it did not exist.
enum ProcessTable {
    /// Whether a process of the group lives; a zombie does not.
    static func hasMember(ofGroup group: Int32) -> Bool {
        pids().contains { pid in
            guard let fields = statFields(of: pid), fields.count > 2 else { return false }
            return fields[0] != "Z" && fields[0] != "X" && fields[2] == "\(group)"
        }
    }

    /// The processes that have one of `inodes` open as a pipe, as `pid (name)`.
    ///
    /// At most `limit`, and those found within `nanoseconds` of this process's own processor time, as a machine may have
    /// very many. Younger processes than `leader` come first.
    static func holders(
        ofPipes inodes: [UInt64], after leader: Int32, limit: Int = 8, within nanoseconds: Int64 = 200_000_000
    ) -> [String] {
        let pipes = Set(inodes.map { "pipe:[\($0)]" })
        let end = RunMachine.Moment.ofProcessor() + nanoseconds
        let own = getpid()
        let all = pids()
        var found: [String] = []
        for pid in all.filter({ $0 > leader }) + all.filter({ $0 < leader }) where pid != own {
            guard found.count < limit, RunMachine.Moment.ofProcessor() < end else { break }
            let open = names(in: "/proc/\(pid)/fd").lazy.compactMap { link("/proc/\(pid)/fd/\($0)") }
            if open.contains(where: pipes.contains) { found.append("\(pid) (\(name(of: pid)))") }
        }
        return found
    }

    /// The inode of an open descriptor.
    static func inode(of descriptor: Int32) -> UInt64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private static func pids() -> [Int32] { names(in: "/proc").compactMap { Int32($0) } }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { text in
                String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { text in
            guard let start = text.baseAddress else { return nil }
            let count = readlink(path, start, text.count)
            return count > 0 ? String(decoding: text[..<count], as: UTF8.self) : nil
        }
    }

    /// Fields 3 and later of `/proc/PID/stat`: state, parent, group.
    ///
    /// The name before them may hold anything.
    private static func statFields(of pid: Int32) -> [Substring]? {
        guard let text = read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func name(of pid: Int32) -> String {
        (read("/proc/\(pid)/comm") ?? "?\n").split(separator: "\n").first.map(String.init) ?? "?"
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { text in
            let count = Glibc.read(descriptor, text.baseAddress, text.count)
            return count > 0 ? String(decoding: text[..<count], as: UTF8.self) : nil
        }
    }
}
