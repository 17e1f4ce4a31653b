package import CharonControl
package import CharonCore
import CharonRuns
import Glibc
import Logging

extension Daemon {
    /// Takes over the record of a run that was begun while this daemon did not answer.
    ///
    /// Nil if that was done.
    package func handIn(_ parameters: BeginParameters, peer: Peer, supervisor: Descriptor, output: Descriptor) async
        -> VarlinkReply?
    {
        touch()
        var request = parameters.request
        request.host = configuration.host
        let application: Application
        do { application = try await admit(parameters, peer) } catch { return error.reply }
        let copy = RecordCopy(supervisor: supervisor, output: output)
        if let problem = copy.problem { return .invalidParameter(problem) }
        do {
            if let known = entries[request.run] { return try await complete(known, request, with: copy) }
            return try await takeOver(request, application, copy)
        } catch {
            log.report(.recordFailed, "run not taken over", .error, metadata(request, ["reason": "\(error)"]))
            return .recordFailed("\(error)")
        }
    }

    /// A run that was begun after all, and never taken: what its supervisor recorded elsewhere is its record.
    private func complete(_ known: Entry, _ request: RunRequest, with copy: RecordCopy) async throws -> VarlinkReply? {
        guard known.request.uid == request.uid, known.request.slug == request.slug else {
            return .permissionDenied("the run \(request.run) is another's")
        }
        guard let follower = known.follower else { return .busy("the run \(request.run) is being begun") }
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        try await handIns.perform { () throws(SystemError) in
            // One that a supervisor has, or that counts as lost, stays what it is: Charon may know it already.
            guard let handles = try Self.reopenUntaken(directory) else { return }
            try copy.write(to: handles)
        }
        follower.signal()
        return nil
    }

    private func takeOver(_ request: RunRequest, _ application: Application, _ copy: RecordCopy) async throws
        -> VarlinkReply?
    {
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        var delivery = DeliveryRecord()
        delivery.gate = .unanswered
        delivery.isLate = true
        entries[request.run] = Entry(request: request, application: application, delivery: delivery)
        do {
            let isNew = try await handIns.perform { [delivery] () throws(SystemError) in
                guard try directory.request() == nil else { return false }
                let handles = try directory.create(request)
                do throws(SystemError) {
                    try copy.write(to: handles)
                    try directory.write(delivery, durability: .process)
                    try directory.sync()
                } catch {
                    // Half a record would be taken for the whole when the run is handed in again.
                    directory.remove()
                    throw error
                }
                return true
            }
            guard isNew else {
                forget(request.run)
                return nil
            }
        } catch {
            forget(request.run)
            throw error
        }
        follow(directory, request, delivery)
        log.report(.handedIn, "handed in", .notice, metadata(request, [:]))
        return nil
    }
}
