package import CharonCore

/// `limits`: what a run may take, those of setrlimit(2) for each process and those of the control group for all.
package struct JobLimits: Hashable, Sendable {
    /// A limit of one process, hard and soft alike.
    package enum Limit: Hashable, Sendable {
        /// `unlimited`: RLIM_INFINITY.
        case unlimited
        /// Bytes, seconds or a number of things.
        case most(UInt64)
    }

    /// `open_files`: descriptors (RLIMIT_NOFILE).
    package var openFiles: Limit?
    /// `processes`: processes and threads of the user (RLIMIT_NPROC).
    package var processes: Limit?
    /// `core_size`: bytes of a core file (RLIMIT_CORE).
    package var coreSize: Limit?
    /// `file_size`: bytes of a file that is written (RLIMIT_FSIZE).
    package var fileSize: Limit?
    /// `cpu_time`: seconds of processor time (RLIMIT_CPU).
    package var cpuTime: Limit?
    /// `address_space`: bytes of virtual memory (RLIMIT_AS).
    package var addressSpace: Limit?
    /// `data_size`: bytes of data segment and heap (RLIMIT_DATA).
    package var dataSize: Limit?
    /// `stack_size`: bytes of the main thread's stack (RLIMIT_STACK).
    package var stackSize: Limit?
    /// `locked_memory`: bytes of memory that is locked (RLIMIT_MEMLOCK).
    package var lockedMemory: Limit?
    /// `memory`: bytes of the whole run (`memory.max`).
    package var memory: ByteCount?
    /// `tasks`: processes and threads of the whole run (`pids.max`).
    package var tasks: Int?
    /// `cpu`: processor time of the whole run, in percent of one processor (`cpu.max`).
    package var cpu: Int?

    /// No limits but those that the daemon has itself.
    package init() {}
}
