import CharonCapture
import CharonControl
import CharonCore
import CharonRuns
import Glibc

/// Records of runs whose daemon did not answer, kept in the user's state directory until it takes them over.
enum LocalRecords {
    private static let mostAtOnce = 100
    /// Where no daemon ever comes, a slug's records must not fill the disk.
    private static let mostOfSlug = 1000
    private static let patience = TimeSpan.seconds(2)

    static func directory(_ state: String) -> String { "\(state)/handover" }

    /// Makes the record of a run; fails with EDQUOT if as many as may wait for a daemon do.
    static func create(_ request: RunCall, state: String) throws(SystemError) -> (RunDirectory, RunDirectory.Handles) {
        let waiting = try RecordFile.names(in: "\(directory(state))/runs/\(request.slug)").count
        guard waiting < mostOfSlug else { throw SystemError("create", errno: EDQUOT, directory(state)) }
        let directory = RunDirectory(state: directory(state), slug: request.slug, run: request.run)
        return (directory, try directory.create(request.record(uid: geteuid())))
    }

    /// The record of the line that hands in.
    struct Own {
        let run: RunID
        /// By descendants of the command; it must not lose its name yet.
        let isStillWritten: Bool
    }

    /// Hands finished records in, this line's own and those that were left; what cannot be handed in now stays.
    static func handIn(state: String, own: Own?, to socket: String, _ credentials: Environment.Credentials?) {
        let base = directory(state)
        guard access("\(base)/runs", F_OK) == 0, let records = try? RunDirectory.all(state: base) else { return }
        var attempts = 0
        for record in records where attempts < mostAtOnce {
            let isOwn = record.run == own?.run
            guard isOwn || ((try? record.isSupervised()) == false), let request = try? record.request(),
                let supervisor = try? Descriptor.open(record.supervisorPath, O_RDONLY),
                let output = try? Descriptor.open(record.outputPath, O_RDONLY)
            else { continue }
            attempts += 1
            let call = VarlinkCall(
                method: ControlInterface.Method.handIn.fullName, parameters: parameters(request, credentials))
            do {
                var client = try ControlClient(path: socket)
                try client.send(call, descriptors: [supervisor.number, output.number], timeout: patience)
                let reply = try client.receive(timeout: patience)
                guard let error = reply.error else {
                    if !isOwn || own?.isStillWritten == false { record.remove() }
                    continue
                }
                // It may be better by the next line; any other error stays what it is.
                if ["Busy", "RecordFailed"].contains(error.split(separator: ".").last) { return }
                setAside(record, base, "\(error) \(reply.parameters)")
            } catch ControlClient.Failure.closed {
                continue
            } catch {
                return
            }
        }
    }

    /// Keeps what the daemon refuses for a human to look at, out of the way of other records.
    private static func setAside(_ record: RunDirectory, _ base: String, _ reason: String) {
        let place = "\(base)/refused"
        mkdir(place, 0o700)
        guard rename(record.path, "\(place)/\(record.run)") == 0 else { return }
        StandardDescriptors.complain("charond refuses the record \(place)/\(record.run): \(reason)")
    }

    private static func parameters(_ request: RunRequest, _ credentials: Environment.Credentials?) -> JSON {
        var members = request.json.members ?? []
        // "default" stands for a line that named no application.
        if request.application == "default" { members.removeAll { $0.name == "application" } }
        if let credentials {
            members.append(.init("credentials", ["url": .string(credentials.url), "key": .string(credentials.key)]))
        }
        return .object(members)
    }
}
