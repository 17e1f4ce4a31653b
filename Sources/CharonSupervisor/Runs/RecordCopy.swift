import CharonCore
import CharonRuns
import Glibc

/// The files of a run that its supervisor kept elsewhere, as the descriptors that came with a hand-in.
struct RecordCopy: Sendable {
    let supervisor: Descriptor
    let output: Descriptor

    /// The largest output that is taken over, in bytes; the rest is left out.
    private static let longestOutput: Int64 = 256 << 20
    /// The largest supervisor file that is taken over; it has two lines.
    private static let longestSupervisor: Int64 = 65_536

    /// What keeps the files from being taken, nil if nothing does.
    ///
    /// Anything but a regular file could keep its reader waiting for the giver.
    var problem: String? {
        for (file, name) in [(supervisor, "supervisor"), (output, "output")] {
            var status = stat()
            guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return "\(name): the descriptor must be a regular file's"
            }
            guard fcntl(file.number, F_GETFL) & O_ACCMODE != O_WRONLY else {
                return "\(name): the descriptor must be readable"
            }
        }
        guard let size = try? supervisor.size, size <= Self.longestSupervisor else {
            return "supervisor: the file is larger than \(Self.longestSupervisor) bytes"
        }
        return nil
    }

    /// Writes both files into an empty record and puts them on disk, the output first.
    func write(to target: RunDirectory.Handles) throws(SystemError) {
        // An attempt that a full disk ended may have left something.
        guard ftruncate(target.output.number, 0) == 0 else { throw .last("ftruncate", "output.log") }
        try Self.copy(output, to: target.output, limit: Self.longestOutput)
        try RecordFile.sync(target.output, "output.log")
        do throws(SystemError) {
            try Self.copy(supervisor, to: target.supervisor, limit: Self.longestSupervisor)
            try RecordFile.sync(target.supervisor, "supervisor")
        } catch {
            ftruncate(target.supervisor.number, 0)
            throw error
        }
    }

    private static func copy(_ source: Descriptor, to target: Descriptor, limit: Int64) throws(SystemError) {
        var offset: Int64 = 0
        while offset < limit {
            let bytes = try source.read(at: offset, limit: Int(min(limit - offset, 1 << 20)))
            if bytes.isEmpty { break }
            try target.write(bytes)
            offset += Int64(bytes.count)
        }
    }
}
