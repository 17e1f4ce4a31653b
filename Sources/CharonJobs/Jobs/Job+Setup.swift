package import CharonCore
import CharonLevels

extension Job {
    /// What the process of the command takes on before its exec, as charon-run is told it.
    ///
    /// - Parameters:
    ///   - account: The user's, with all groups.
    ///   - group: The number of `group`, if the job has one; the user's other groups stay.
    ///   - files: The variables of the environment files, in their order.
    ///   - timeZone: The daemon's own TZ.
    package func setup(
        of account: Account, group: UInt32? = nil, files: [EnvironmentVariable] = [], timeZone: String? = nil
    ) -> ChildSetup {
        var setup = ChildSetup()
        setup.environment = environment(of: account, files: files, timeZone: timeZone).map { "\($0.name)=\($0.value)" }
        setup.limits = options.limits.ofProcesses
        setup.nice = options.nice
        setup.ioPriority = options.ioPriority?.number
        setup.user = account.uid
        setup.group = group ?? account.gid
        setup.groups = account.groups.union([setup.group]).sorted()
        setup.umask = options.umask
        setup.directory = options.directory ?? account.home
        setup.levels = options.levels == LevelRules() ? nil : options.levels.json
        setup.redactions = options.redactions.map(\.text)
        return setup
    }
}

extension IOPriority {
    /// As ioprio_set(2) has it: the class above 13 bits of priority.
    var number: Int32 { Int32(scheduling.rawValue) << 13 | Int32(priority) }
}

extension JobLimits {
    /// Those of setrlimit(2).
    var ofProcesses: [ChildSetup.Limit] {
        let limits: [(ChildSetup.Resource, Limit?)] = [
            (.openFiles, openFiles), (.processes, processes), (.coreSize, coreSize), (.fileSize, fileSize),
            (.cpuTime, cpuTime), (.addressSpace, addressSpace), (.dataSize, dataSize), (.stackSize, stackSize),
            (.lockedMemory, lockedMemory),
        ]
        return limits.compactMap { resource, limit in
            switch limit {
            case nil: nil
            case .unlimited?: ChildSetup.Limit(resource, nil)
            case .most(let value)?: ChildSetup.Limit(resource, value)
            }
        }
    }
}
