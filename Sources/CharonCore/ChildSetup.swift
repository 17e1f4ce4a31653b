/// What the process of a job takes on between fork and exec: its environment, limits, priorities, user and directory.
///
/// charond hands it to charon-run as JSON over a descriptor, because its environment may hold secrets.
package struct ChildSetup: Hashable, Sendable {
    /// What setrlimit(2) bounds, by the names of a job's `limits`.
    package enum Resource: String, Hashable, Sendable, CaseIterable {
        case openFiles = "open_files"
        case processes
        case coreSize = "core_size"
        case fileSize = "file_size"
        case cpuTime = "cpu_time"
        case addressSpace = "address_space"
        case dataSize = "data_size"
        case stackSize = "stack_size"
        case lockedMemory = "locked_memory"
    }

    /// A limit, hard and soft alike.
    package struct Limit: Hashable, Sendable {
        package let resource: Resource
        /// Nil for no limit.
        package let value: UInt64?

        package init(_ resource: Resource, _ value: UInt64?) {
            self.resource = resource
            self.value = value
        }
    }

    /// All of the environment, `NAME=value`.
    package var environment: [String] = []
    package var limits: [Limit] = []
    /// From -20 to 19; nil for the caller's.
    package var nice: Int?
    /// As ioprio_set(2) has it: the class above 13 bits of priority; nil for what follows from `nice`.
    package var ioPriority: Int32?
    /// The user whose rights the process has; nil for the caller's, with its groups.
    package var user: UInt32?
    /// The primary group, which counts with `user` alone.
    package var group: UInt32 = 0
    /// The supplementary groups (setgroups(2)).
    package var groups: [UInt32] = []
    package var umask: UInt32?
    /// Entered with the rights of `user`; nil for the caller's.
    package var directory: String?
    /// The globs of what is hidden in record and journal.
    ///
    /// They go this way because one may be a secret itself.
    package var redactions: [String] = []
    /// What names the level of a line in the journal; nil for the usual rules.
    ///
    /// Its form is of those who read lines.
    package var levels: JSON?

    /// Nothing but an empty environment.
    package init() {}

    /// What a failed step was about, for an error message; nil where the command says more.
    package func object(of step: String) -> String? {
        switch step {
        case "setgroups", "setgid", "setuid": user.map { "uid \($0), gid \(group)" }
        case "setpriority": nice.map { "nice \($0)" }
        case "chdir": directory
        default: nil
        }
    }
}
