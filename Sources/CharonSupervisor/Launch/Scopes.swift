package import CharonCore

/// The service manager's scopes: one for each run of a job, so that its limits hold and nothing of it escapes.
package protocol Scopes: Sendable {
    /// Puts a process into a scope of its own; returns when it is there.
    func start(_ scope: ScopeOrder) async throws

    /// Ends all processes of a run's scope, if there is one.
    func end(_ slug: Slug, _ run: RunID) async

    /// Whether the machine is being shut down.
    func isMachineStopping() async -> Bool
}

/// What a run's scope is to be.
package struct ScopeOrder: Hashable, Sendable {
    package let slug: Slug
    package let run: RunID
    package let pid: Int32
    /// Bytes, or nil for no limit (`limits.memory`).
    package var memory: Int64?
    /// Processes and threads (`limits.tasks`).
    package var tasks: Int?
    /// Percent of one processor (`limits.cpu`).
    package var cpu: Int?
    /// What tells its processes to end.
    package var stopSignal: Int32
    /// How long they have then.
    package var stopGrace: TimeSpan

    package init(slug: Slug, run: RunID, pid: Int32, stopSignal: Int32, stopGrace: TimeSpan) {
        self.slug = slug
        self.run = run
        self.pid = pid
        self.stopSignal = stopSignal
        self.stopGrace = stopGrace
    }

    /// Whether something bounds it.
    package var hasLimits: Bool { memory != nil || tasks != nil || cpu != nil }
}
