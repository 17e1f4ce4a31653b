import CharonCore
import Glibc

/// The memory of this process.
enum Resident {
    /// What is resident now (proc_pid_statm(5)), in KiB; 0 if it is not known.
    static var kibibytes: Int64 {
        guard
            let bytes = (try? Descriptor.open("/proc/self/statm", O_RDONLY)).flatMap({ try? $0.read(at: 0, limit: 256) }
            )
        else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}
