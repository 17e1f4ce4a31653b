import CharonCore
import Glibc

/// What the kernel has done about the memory limit of this process' control group (cgroups(7)).
enum MemoryLimit {
    private static let largest = 65_536

    /// How many processes of the group were killed for lack of memory; 0 where nobody counts.
    static func kills() -> Int64 {
        let groups = text("/proc/self/cgroup").split(separator: "\n").map { line in
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        }
        for group in groups where group.count == 3 {
            switch group[1] {
            case "":
                for mount in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
                    if let count = count("\(mount)\(group[2])/memory.events") { return count }
                }
            case "memory":
                if let count = count("/sys/fs/cgroup/memory\(group[2])/memory.oom_control") { return count }
            default: break
            }
        }
        return 0
    }

    /// The number behind `oom_kill` in a file of such lines.
    private static func count(_ path: String) -> Int64? {
        for line in text(path).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int64(words[1]) }
        }
        return nil
    }

    private static func text(_ path: String) -> String {
        let bytes = try? Descriptor.open(path, O_RDONLY).read(at: 0, limit: largest)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
