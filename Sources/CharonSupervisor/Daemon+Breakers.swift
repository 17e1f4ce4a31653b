import CharonCore
import Logging

extension Daemon {
    /// Has each application go on from how the daemon before left it, and keeps how its breaker stands.
    func keepBreakers() {
        let memory = BreakerMemory(state: configuration.state)
        applications.observe { [weak self] application in
            let earlier = memory.health(
                of: application.name, url: application.url, at: SteadyClock.now(), wall: .now())
            application.goOn(from: earlier) { [weak self] in
                Task { await self?.keepBreaker(of: application, memory) }
            }
        }
    }

    /// As it stands now: what came in between is of no interest any more.
    private func keepBreaker(of application: Application, _ memory: BreakerMemory) async {
        do {
            try await disk.perform { () throws(SystemError) in
                try memory.write(
                    application.health, of: application.name, url: application.url, at: SteadyClock.now(), wall: .now())
            }
        } catch {
            log.warning(
                "breaker not kept", metadata: ["application": "\(application.name)", "reason": "\(error)"])
        }
    }
}
