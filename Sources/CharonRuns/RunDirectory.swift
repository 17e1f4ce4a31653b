import CLinux
package import CharonCore
import Glibc

/// One run's directory, `<state>/runs/<slug>/<run id>/`, mode 0700, and the files in it.
package struct RunDirectory: Hashable, Sendable {
    package let slug: Slug
    package let run: RunID
    package let path: String

    /// The place of a run under a state directory; nothing is made.
    package init(state: String, slug: Slug, run: RunID) {
        self.slug = slug
        self.run = run
        path = "\(state)/runs/\(slug)/\(run)"
    }

    package var supervisorPath: String { path + "/supervisor" }
    package var outputPath: String { path + "/output.log" }
    private var requestPath: String { path + "/run.json" }
    private var deliveryPath: String { path + "/delivery.json" }
    private var exitPath: String { path + "/exit.json" }

    /// The descriptors that a supervisor needs, `supervisor` locked; the lock is free when all its copies are closed.
    package struct Handles: Sendable {
        package let supervisor: Descriptor
        package let output: Descriptor

        package init(supervisor: Descriptor, output: Descriptor) {
            self.supervisor = supervisor
            self.output = output
        }
    }

    /// Makes the directory with its request and the empty files of a supervisor.
    ///
    /// Fails if the run exists.
    package func create(_ request: RunRequest) throws(SystemError) -> Handles {
        if mkdir(path, 0o700) != 0 {
            guard errno == ENOENT, let slash = path.lastIndex(of: "/") else { throw .last("mkdir", path) }
            try RecordFile.makeDirectory(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 else { throw .last("mkdir", path) }
        }
        do throws(SystemError) {
            let flags = O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW
            let supervisor = try Descriptor.open(supervisorPath, flags, mode: 0o600)
            let output = try Descriptor.open(outputPath, flags, mode: 0o600)
            let locked = clinux_lock(supervisor.number)
            guard locked == 0 else { throw SystemError("lock", errno: locked, supervisorPath) }
            // Room for the lines of one run, so that a disk that gets full cannot swallow its outcome.
            _ = clinux_reserve(supervisor.number, 4096)
            // The request comes last: a directory without one is no run and is removed at the next start.
            try RecordFile.replace(requestPath, with: request.json.bytes, durability: .process)
            return Handles(supervisor: supervisor, output: output)
        } catch {
            remove()
            throw error
        }
    }

    /// The descriptors of a run that exists and that no supervisor holds; EAGAIN if one does.
    package func reopen() throws(SystemError) -> Handles {
        let flags = O_RDWR | O_APPEND | O_NOFOLLOW
        let supervisor = try Descriptor.open(supervisorPath, flags)
        let output = try Descriptor.open(outputPath, flags)
        let locked = clinux_lock(supervisor.number)
        guard locked == 0 else { throw SystemError("lock", errno: locked, supervisorPath) }
        return Handles(supervisor: supervisor, output: output)
    }

    /// Makes again what a power cut has taken of a run; what is there stays.
    ///
    /// False if the record is another release's.
    package func restore(_ request: RunRequest) throws(SystemError) -> Bool {
        try RecordFile.makeDirectory(path)
        for file in [supervisorPath, outputPath] {
            _ = try Descriptor.open(file, O_RDONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
        }
        guard isReadable else { return false }
        if try self.request() == nil {
            try RecordFile.replace(requestPath, with: request.json.bytes, durability: .process)
        }
        return true
    }

    /// What was asked; nil if the directory holds no readable request.
    package func request() throws(SystemError) -> RunRequest? {
        try RecordFile.readJSON(requestPath).flatMap(RunRequest.init(json:))
    }

    /// Whether request and delivery, if they exist, can be read: a later release's records, or a broken disk's, cannot.
    ///
    /// A file that a power cut has left empty is as none.
    package var isReadable: Bool {
        do {
            if try RecordFile.read(requestPath)?.isEmpty == false, try request() == nil { return false }
            return try RecordFile.read(deliveryPath)?.isEmpty != false || delivery() != nil
        } catch {
            return false
        }
    }

    /// How far the delivery is; nil if nothing was written of it, or it cannot be read.
    package func delivery() throws(SystemError) -> DeliveryRecord? {
        try RecordFile.readJSON(deliveryPath).flatMap(DeliveryRecord.init(json:))
    }

    package func write(_ delivery: DeliveryRecord, durability: RecordFile.Durability) throws(SystemError) {
        try RecordFile.replace(deliveryPath, with: delivery.json.bytes, durability: durability)
    }

    /// The lines that the supervisor has written.
    package func supervisorRecords() throws(SystemError) -> [SupervisorRecord] {
        SupervisorRecord.read(try RecordFile.read(supervisorPath) ?? [])
    }

    /// The validated outcome; nil if the run has none yet.
    package func exit() throws(SystemError) -> SupervisorRecord.Ended? {
        try RecordFile.readJSON(exitPath).flatMap(SupervisorRecord.Ended.init(json:))
    }

    /// Writes `exit.json`.
    package func write(_ ended: SupervisorRecord.Ended, durability: RecordFile.Durability) throws(SystemError) {
        try RecordFile.replace(exitPath, with: ended.json.bytes, durability: durability)
    }

    /// Puts all of the record on disk, the output first: an outcome must not outlive its output.
    package func sync() throws(SystemError) {
        let parents = [path, path + "/..", path + "/../.."]
        try RecordFile.sync([outputPath, supervisorPath, requestPath, deliveryPath] + parents)
    }

    /// Puts the output on disk (fdatasync(2)).
    package func syncOutput() throws(SystemError) {
        let output = try Descriptor.open(outputPath, O_RDONLY)
        while fdatasync(output.number) != 0 { guard errno == EINTR else { throw .last("fdatasync", outputPath) } }
    }

    /// Whether a supervisor, or whoever has its descriptor, is alive.
    package func isSupervised() throws(SystemError) -> Bool {
        let file: Descriptor
        do {
            // Read-only, or closing it would look like a supervisor's last close to whoever watches the file.
            file = try Descriptor.open(supervisorPath, O_RDONLY | O_NOFOLLOW)
        } catch {
            if error.errno == ENOENT { return false }
            throw error
        }
        let locked = clinux_is_locked(file.number)
        guard locked >= 0 else { throw SystemError("lock", errno: -locked, supervisorPath) }
        return locked == 1
    }

    /// Removes the run with all its files.
    package func remove() {
        for name in (try? RecordFile.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The runs under a state directory, or those of one slug, the oldest first within each slug.
    ///
    /// Foreign names are passed over.
    package static func all(state: String, slug: Slug? = nil) throws(SystemError) -> [RunDirectory] {
        var found: [RunDirectory] = []
        let slugs = if let slug { [slug] } else { try RecordFile.names(in: "\(state)/runs").compactMap(Slug.init) }
        for slug in slugs {
            for run in try RecordFile.names(in: "\(state)/runs/\(slug)").compactMap(RunID.init) {
                found.append(RunDirectory(state: state, slug: slug, run: run))
            }
        }
        return found
    }

    /// The place of a run whose slug is not known; nil if no slug has it.
    package static func find(_ run: RunID, state: String) -> RunDirectory? {
        let slugs = ((try? RecordFile.names(in: "\(state)/runs")) ?? []).lazy.compactMap(Slug.init)
        return slugs.map { RunDirectory(state: state, slug: $0, run: run) }.first { access($0.path, F_OK) == 0 }
    }
}
