import CharonCore
import CharonLevels

extension JobDraft {
    /// The environment, to which what is set is added: a variable of the same name is replaced in its place.
    var addedEnvironment: [EnvironmentVariable] {
        get { environment }
        set {
            for variable in newValue {
                if let index = environment.firstIndex(where: { $0.name == variable.name }) {
                    environment[index] = variable
                } else {
                    environment.append(variable)
                }
            }
        }
    }
}

extension CatchUp {
    static let keys: [Key<CatchUp>] = [
        Key(
            "missed", "Which times: none, once (one run for all of them) or all.", .choice, into: \.missed,
            fallback: "none", good: "all", bad: "some"),
        Key(
            "look_back", "Times that are longer ago than this are forgotten.", .timeSpanAboveZero, into: \.lookBack,
            fallback: "1d", good: "2h", bad: "yesterday"),
    ]
}

extension Retries {
    static let keys: [Key<Retries>] = [
        Key(
            "count", "The most further attempts.", .integer(0...100), into: \.count, fallback: "0", good: "5",
            bad: "101"),
        Key(
            "delay", "The time before the first of them.", .timeSpan, into: \.delay, fallback: "10s", good: "1min",
            bad: "later"),
        Key(
            "multiplier", "Each further delay is so many times the one before it.", .integer(1...10),
            into: \.multiplier,
            fallback: "2", good: "3", bad: "0"),
        Key(
            "max_delay", "No delay is longer.", .timeSpan, into: \.maxDelay, fallback: "1h", good: "15min", bad: "never"
        ),
    ]
}

extension JobLimits {
    static let keys: [Key<JobLimits>] = [
        Key(
            "open_files", "Open descriptors of a process (RLIMIT_NOFILE).", .count, into: \.openFiles,
            fallback: daemon, good: "4096", bad: "4k"),
        Key(
            "processes", "Processes and threads of the user (RLIMIT_NPROC).", .count, into: \.processes,
            fallback: daemon, good: "unlimited", bad: "-1"),
        Key(
            "core_size", "Size of a core file (RLIMIT_CORE).", .bytes, into: \.coreSize, fallback: daemon, good: "0",
            bad: "none"),
        Key(
            "file_size", "Size of a file that is written (RLIMIT_FSIZE).", .bytes, into: \.fileSize, fallback: daemon,
            good: "1GiB", bad: "1GB"),
        Key(
            "cpu_time", "Processor time of a process (RLIMIT_CPU).", .time, into: \.cpuTime, fallback: daemon,
            good: "10min", bad: "10ms"),
        Key(
            "address_space", "Virtual memory of a process (RLIMIT_AS).", .bytes, into: \.addressSpace, fallback: daemon,
            good: "2G", bad: "big"),
        Key(
            "data_size", "Data segment and heap of a process (RLIMIT_DATA).", .bytes, into: \.dataSize,
            fallback: daemon, good: "512M", bad: "512MB"),
        Key(
            "stack_size", "Stack of a process' main thread (RLIMIT_STACK).", .bytes, into: \.stackSize,
            fallback: daemon, good: "8M", bad: "8 megabytes"),
        Key(
            "locked_memory", "Memory that a process locks (RLIMIT_MEMLOCK).", .bytes, into: \.lockedMemory,
            fallback: daemon, good: "64K", bad: "-64K"),
        Key(
            "memory", "Memory of the whole run (memory.max of its control group).",
            .byteCount(least: ByteCount(1 << 20)), into: \.memory, fallback: "none", good: "512M", bad: "10K"),
        Key(
            "tasks", "Processes and threads of the whole run (pids.max).", .integer(1...4_194_304), into: \.tasks,
            fallback: "none", good: "100", bad: "0"),
        Key(
            "cpu", "Processor time of the whole run, in percent of one processor (cpu.max).", .percent, into: \.cpu,
            fallback: "none", good: "50%", bad: "50"),
    ]

    private static let daemon = "that of the daemon"
}

extension LevelRules {
    static let keys: [Key<LevelRules>] = [
        Key(
            "stdout", "The level of a line of standard output that names none.", .choice, into: \.stdout,
            fallback: "info", good: "info", bad: "debug"),
        Key(
            "stderr", "The level of a line of standard error that names none.", .choice, into: \.stderr,
            fallback: "warning", good: "info", bad: "2"),
        Key(
            "rules", "Rules ACTION:MATCH:PATTERN, of which the first that matches decides.", .levelRules, into: \.rules,
            fallback: "none", good: "[\"drop:starts_with:Processing\"]",
            bad: "[\"error:contains:x\", ›\"error:regex:x\"]"),
        Key(
            "presets", "What is recognised without a rule: all, none, or a list of names.", .levelPresets,
            into: \.presets, fallback: "all", good: "[php, words]", bad: "[php, ›python]"),
    ]
}

extension Settings.Keep {
    static let keys: [Key<Settings.Keep>] = [
        Key(
            "runs", "The newest runs of a cron, at most.", .integer(0...1_000_000), into: \.runs, fallback: "50",
            good: "100", bad: "-1"),
        Key("for", "None that is older than this.", .timeSpan, into: \.age, fallback: "7d", good: "12h", bad: "ever"),
    ]
}
