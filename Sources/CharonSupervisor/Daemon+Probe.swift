import CharonAPI
package import CharonControl
import CharonCore
import Logging

extension Daemon {
    /// Probes a cron for a caller who may begin its runs: past the breaker, which takes note of what comes back.
    ///
    /// A probe under way goes on when its caller has gone: what it has started is to be ended.
    package func probe(_ parameters: Probe.Parameters, for peer: Peer) async -> VarlinkReply {
        touch()
        let application: Application
        do {
            let rights = rights
            let refusal = try await disk.perform { () throws(SystemError) in
                try rights.refusal(of: peer, parameters.slug, claims: false)
            }
            if let refusal { return .permissionDenied(refusal) }
            application = try applications.resolve(parameters.application, nil)
        } catch let error as CharonError {
            return .invalidParameter("application: \(error.message)")
        } catch {
            return .recordFailed("\(error)")
        }
        guard context.requests.enter() else { return .busy("charond is stopping") }
        defer { context.requests.leave() }
        var probe = Probe(parameters, run: RunID(at: .now()))
        while let (call, key) = probe.next { probe.add(await application.probe(call, key: key)) }
        touch()
        if parameters.execute {
            log.notice(
                "probe executed",
                metadata: [
                    "slug": "\(parameters.slug)", "uid": "\(peer.uid)", "application": "\(application.name)",
                    "result": "\(probe.result.rawValue)",
                ])
        }
        return probe.reply(url: rights.isOperator(peer) ? application.url : nil)
    }
}
