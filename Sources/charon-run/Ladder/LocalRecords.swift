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

    /// Hands finished records in, this line's own and those that were left; what cannot be handed in stays.
    static func handIn(state: String, own: RunID?, to socket: String, _ credentials: Environment.Credentials?) {
        let base = directory(state)
        guard access("\(base)/runs", F_OK) == 0, let records = try? RunDirectory.all(state: base) else { return }
        for record in records.prefix(mostAtOnce) {
            guard record.run == own || ((try? record.isSupervised()) == false) else { continue }
            guard let request = try? record.request(),
                let supervisor = try? Descriptor.open(record.supervisorPath, O_RDONLY),
                let output = try? Descriptor.open(record.outputPath, O_RDONLY)
            else { continue }
            var call = VarlinkCall(
                method: ControlInterface.Method.handIn.fullName, parameters: parameters(request, credentials))
            call.more = false
            guard var client = try? ControlClient(path: socket),
                (try? client.send(call, descriptors: [supervisor.number, output.number], timeout: patience)) != nil,
                let reply = try? client.receive(timeout: patience)
            else { return }
            if reply.error == nil { record.remove() }
        }
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
