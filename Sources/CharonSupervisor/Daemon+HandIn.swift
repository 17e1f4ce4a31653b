package import CharonControl
package import CharonCore
import CharonRuns
import Glibc
import Logging

extension Daemon {
    /// The largest output that is taken over from a local record, in bytes.
    private static let longestOutput: Int64 = 256 << 20

    /// Takes over the record of a run that was begun while this daemon did not answer.
    ///
    /// Nil if that was done.
    package func handIn(_ parameters: BeginParameters, peer: Peer, supervisor: Descriptor, output: Descriptor) async
        -> VarlinkReply?
    {
        touch()
        let request = parameters.request
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        do {
            let (rights, slug) = (rights, request.slug)
            let refusal = try await disk.perform { () throws(SystemError) in try rights.refusal(of: peer, slug) }
            if let refusal { return .permissionDenied(refusal) }
            let application = try applications.resolve(request.application, parameters.credentials)
            if let known = entries[request.run] {
                guard known.request.uid == request.uid else { return .permissionDenied("another user's run") }
                // Begun after all, and never taken: what its supervisor recorded elsewhere is copied into this record.
                try await disk.perform { () throws(SystemError) in
                    try Self.copy(supervisor, output, into: directory)
                }
                known.follower?.signal()
                return nil
            }
            let isKnown = try await disk.perform { () throws(SystemError) in try directory.request() != nil }
            if isKnown { return nil }
            entries[request.run] = Entry(request: request, application: application, delivery: DeliveryRecord())
            var delivery = DeliveryRecord()
            delivery.gate = .unanswered
            delivery.isLate = true
            let record = delivery
            try await disk.perform { () throws(SystemError) in
                _ = try directory.create(request)
                try Self.copy(supervisor, output, into: directory)
                try directory.write(record, durability: .disk)
            }
            follow(directory, request, delivery)
            log.notice("handed in", metadata: metadata(request, [:]))
            return nil
        } catch let error as CharonError {
            return .invalidParameter("application: \(error.message)")
        } catch {
            if entries[request.run]?.follower == nil { forget(request.run) }
            log.error("run not taken over", metadata: metadata(request, ["reason": "\(error)"]))
            return .recordFailed("\(error)")
        }
    }

    private static func copy(_ supervisor: Descriptor, _ output: Descriptor, into directory: RunDirectory)
        throws(SystemError)
    {
        for (source, path) in [(output, directory.outputPath), (supervisor, directory.supervisorPath)] {
            var status = stat()
            // Anything but a regular file could make the disk's thread wait for its giver.
            guard fstat(source.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError("copy", errno: EINVAL, "handed-in descriptor")
            }
            let target = try Descriptor.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW)
            guard try target.size == 0 else { throw SystemError("copy", errno: EEXIST, path) }
            var offset: Int64 = 0
            while offset < longestOutput {
                let bytes = try source.read(at: offset, limit: 1 << 20)
                if bytes.isEmpty { break }
                try target.write(bytes)
                offset += Int64(bytes.count)
            }
        }
    }
}
