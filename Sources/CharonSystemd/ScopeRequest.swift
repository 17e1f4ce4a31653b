package import CharonCore

/// A scope for one run: its process and all that this starts, in `charon.slice` (systemd.scope(5)).
package struct ScopeRequest: Hashable, Sendable {
    /// The slice that every scope is in.
    package static let slice = "charon.slice"
    /// How much longer than a run's own time to stop systemd waits before it kills: charond comes first.
    package static let patience = TimeSpan.seconds(5)

    package let slug: Slug
    package let run: RunID
    /// The process that becomes its first; it must exist, and have started none.
    package let process: Int32
    /// What lists of units show.
    package var description: String
    /// The signal by which systemd stops it, at a shutdown for example.
    package var stopSignal: Int32
    /// The time from that signal to a SIGKILL, without `patience`.
    package var grace: TimeSpan
    /// Bytes of memory of all its processes, swap included (`MemoryMax=`, `MemorySwapMax=0`).
    package var memory: ByteCount?
    /// Processes and threads (`TasksMax=`); nil for systemd's default.
    package var tasks: Int?
    /// Percent of one processor (`CPUQuota=`).
    package var cpu: Int?

    package init(
        slug: Slug, run: RunID, process: Int32, description: String, stopSignal: Int32, grace: TimeSpan,
        memory: ByteCount? = nil, tasks: Int? = nil, cpu: Int? = nil
    ) {
        self.slug = slug
        self.run = run
        self.process = process
        self.description = description
        self.stopSignal = stopSignal
        self.grace = grace
        self.memory = memory
        self.tasks = tasks
        self.cpu = cpu
    }

    /// `charon-<slug>-<run id>.scope`; every character of a slug may be in a unit's name (systemd.unit(5)).
    package var unit: String { Self.unit(of: run, slug) }

    /// The name of a run's scope.
    package static func unit(of run: RunID, _ slug: Slug) -> String { "charon-\(slug)-\(run).scope" }

    /// `TimeoutStopUSec` in microseconds.
    package var stopMicroseconds: UInt64 {
        UInt64(clamping: max(grace.milliseconds, 0) + Self.patience.milliseconds) * 1000
    }
}
