import CLinux
import CharonCore
import Glibc

extension HeldCommand {
    /// Calls `body` with what a process has to take on as C has it; the pointer is good during the call alone.
    static func withSetup<Result>(_ setup: ChildSetup?, _ body: (UnsafePointer<clinux_setup>?) -> Result) -> Result {
        guard let setup else { return body(nil) }
        let limits = setup.limits.map { limit -> clinux_limit in
            let (number, step) = limit.resource.system
            let most = rlim_t(limit.value ?? .max)
            return clinux_limit(
                resource: number, step: UnsafeRawPointer(step.utf8Start).assumingMemoryBound(to: CChar.self),
                value: rlimit(rlim_cur: most, rlim_max: most))
        }
        let directory: UnsafeMutablePointer<CChar>? = setup.directory.flatMap { strdup($0) }
        defer { free(directory) }
        return limits.withUnsafeBufferPointer { limits in
            setup.groups.withUnsafeBufferPointer { groups in
                var raw = clinux_setup()
                (raw.limits, raw.limit_count) = (limits.baseAddress, Int32(limits.count))
                (raw.has_nice, raw.nice) = (setup.nice == nil ? 0 : 1, Int32(setup.nice ?? 0))
                raw.io_priority = setup.ioPriority ?? -1
                (raw.has_user, raw.user, raw.group) = (setup.user == nil ? 0 : 1, setup.user ?? 0, setup.group)
                (raw.groups, raw.group_count) = (groups.baseAddress, Int32(groups.count))
                (raw.has_umask, raw.umask) = (setup.umask == nil ? 0 : 1, setup.umask ?? 0)
                raw.directory = UnsafePointer(directory)
                return body(&raw)
            }
        }
    }
}

extension ChildSetup.Resource {
    /// The number of getrlimit(2), and what the step that sets it is called when it fails.
    fileprivate var system: (number: Int32, step: StaticString) {
        switch self {
        case .openFiles: (Int32(RLIMIT_NOFILE.rawValue), "setrlimit open_files")
        case .processes: (Int32(__RLIMIT_NPROC.rawValue), "setrlimit processes")
        case .coreSize: (Int32(RLIMIT_CORE.rawValue), "setrlimit core_size")
        case .fileSize: (Int32(RLIMIT_FSIZE.rawValue), "setrlimit file_size")
        case .cpuTime: (Int32(RLIMIT_CPU.rawValue), "setrlimit cpu_time")
        case .addressSpace: (Int32(RLIMIT_AS.rawValue), "setrlimit address_space")
        case .dataSize: (Int32(RLIMIT_DATA.rawValue), "setrlimit data_size")
        case .stackSize: (Int32(RLIMIT_STACK.rawValue), "setrlimit stack_size")
        case .lockedMemory: (Int32(__RLIMIT_MEMLOCK.rawValue), "setrlimit locked_memory")
        }
    }
}
