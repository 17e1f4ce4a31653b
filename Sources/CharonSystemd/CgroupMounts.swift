import CharonCore
import Glibc

/// Where this host's control groups are mounted.
package struct CgroupMounts: Hashable, Sendable {
    private struct Mount: Hashable {
        let directory: String
        /// The group that is mounted there.
        let root: String

        /// The directory of a group, given by its path from the hierarchy's root.
        func directory(of group: String) -> String {
            let isBelow = root != "/" && (group == root || group.hasPrefix(root + "/"))
            return directory + (isBelow ? group.dropFirst(root.count) : group[...])
        }
    }

    private let unified: Mount
    private let memory: Mount?

    /// Reads /proc/self/mountinfo; nil if the unified hierarchy is mounted nowhere.
    package init?() {
        guard let bytes = try? Descriptor.open("/proc/self/mountinfo", O_RDONLY).read(at: 0, limit: 1 << 22) else {
            return nil
        }
        self.init(mountinfo: String(decoding: bytes, as: UTF8.self))
    }

    /// For the text of a mountinfo file; see proc(5).
    package init?(mountinfo: String) {
        var unified: Mount?
        var memory: Mount?
        for line in mountinfo.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count >= dash + 4 else { continue }
            let mount = Mount(directory: Self.unescaped(words[4]), root: Self.unescaped(words[3]))
            // Of several the first is the system's own.
            if words[dash + 1] == "cgroup2" { unified = unified ?? mount }
            if words[dash + 1] == "cgroup", words[dash + 3].split(separator: ",").contains("memory") {
                memory = memory ?? mount
            }
        }
        guard let unified else { return nil }
        self.unified = unified
        self.memory = memory
    }

    /// The group with this path from the hierarchy's root, as /proc/PID/cgroup and systemd's `ControlGroup` have it.
    package func cgroup(_ path: String) -> Cgroup {
        Cgroup(directory: unified.directory(of: path), memoryDirectory: memory?.directory(of: path))
    }

    /// Undoes the octal escapes of mountinfo.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 0x5C, digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
