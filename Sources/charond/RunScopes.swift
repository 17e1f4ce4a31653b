import CharonCore
import CharonSupervisor
import CharonSystemd

/// The scopes of runs, as systemd has them.
struct RunScopes: Scopes {
    private let manager: Manager
    private let mounts: CgroupMounts?

    /// Nil where systemd does not run, or this process may not ask it for scopes.
    init?() async {
        guard let manager = try? await Manager.connect() else { return nil }
        self.manager = manager
        mounts = CgroupMounts()
    }

    func start(_ order: ScopeOrder) async throws {
        _ = try await manager.start(
            ScopeRequest(
                slug: order.slug, run: order.run, process: order.pid,
                description: "Run \(order.run) of the cron \(order.slug)", stopSignal: order.stopSignal,
                grace: order.stopGrace, memory: order.memory.map { ByteCount($0) }, tasks: order.tasks, cpu: order.cpu))
    }

    func end(_ slug: Slug, _ run: RunID) async {
        let unit = ScopeRequest.unit(of: run, slug)
        try? mounts?.cgroup("/\(ScopeRequest.slice)/\(unit)").kill()
    }

    func isMachineStopping() async -> Bool { await manager.isStopping() }
}
