import CharonCore
import Glibc

/// systemd's manager, PID 1, over the system bus: scopes for runs, and whether the machine goes down.
///
/// One thread, "bus", talks to it, with any number of requests under way. A connection that breaks fails these, and the
/// next request makes a new one.
package final class Manager: Sendable {
    private let mailbox: BusMailbox

    /// Connects and has systemd answer once.
    ///
    /// Throws why there is no systemd to work with; what needs it must then be done without, and never asks again.
    package static func connect() async throws(ManagerError) -> Manager {
        guard access("/run/systemd/system", F_OK) == 0 else {
            throw ManagerError(.unavailable, "systemd is not this machine's service manager")
        }
        guard geteuid() == 0 else { throw ManagerError(.unavailable, "only root may ask systemd for scopes") }
        let manager: Manager
        do throws(SystemError) {
            manager = try Manager()
        } catch {
            throw ManagerError(.unavailable, "the thread for the system bus cannot be started: \(error)")
        }
        _ = try await manager.mailbox.ask(.property("Version"))
        return manager
    }

    private init() throws(SystemError) {
        let mailbox = try BusMailbox()
        self.mailbox = mailbox
        try LoopThread.start("bus") {
            var loop = BusLoop(mailbox)
            loop.run()
        }
    }

    deinit { mailbox.close() }

    /// Makes the scope and returns its control group (`/charon.slice/….scope`) when the process is in it.
    ///
    /// Throws when systemd takes more than five seconds for it, or more than ten for those before it; the scope is then
    /// not there, or comes too late to count on.
    package func start(_ scope: ScopeRequest) async throws(ManagerError) -> String {
        try await mailbox.ask(.scope(scope))
    }

    /// Whether the machine is being shut down or rebooted; false if systemd does not say.
    package func isStopping() async -> Bool { (try? await mailbox.ask(.property("SystemState"))) == "stopping" }
}
