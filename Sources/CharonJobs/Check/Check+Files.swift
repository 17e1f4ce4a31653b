import CharonCore

/// What a job needs besides its program.
extension Check {
    mutating func lookAtFiles(_ job: Job, _ account: Account) {
        let directory = job.options.directory ?? account.home
        let what = job.options.directory == nil ? "the home of \(account.name)" : "\"directory\""
        switch host.file(directory) {
        case nil: add(.missingDirectory, job, "\(what), \(directory), does not exist: make it, or name another one")
        case let facts? where facts.kind != .directory:
            add(.missingDirectory, job, "\(what), \(directory), is no directory")
        case let facts?:
            if let obstacle = obstacle(to: directory, account) {
                add(.forbiddenDirectory, job, "\(what), \(directory), cannot be entered: \(obstacle)")
            } else if !facts.allows(.execute, account) {
                add(.forbiddenDirectory, job, "\(account.name) may not enter \(what), \(directory): chmod or chown it")
            }
        }
        for file in job.options.environmentFiles { look(at: file, job, account) }
    }

    private mutating func look(at file: EnvironmentFile, _ job: Job, _ account: Account) {
        guard let facts = host.file(file.path) else {
            guard !file.isOptional else { return }
            add(
                .missingEnvironmentFile, job,
                "the environment file \(file.path) does not exist: make it, or put '-' before it if it may be missing")
            return
        }
        guard facts.kind == .file else {
            add(.badEnvironmentFile, job, "the environment file \(file.path) is no file")
            return
        }
        guard let bytes = host.head(file.path, EnvironmentFile.largest + 1) else {
            add(.badEnvironmentFile, job, "the environment file \(file.path) cannot be read: run this check as root")
            return
        }
        do throws(EnvironmentFile.Mistake) {
            let variables = try EnvironmentFile.parse(bytes)
            let secrets = EnvironmentVariable.secrets(among: variables)
            if let secret = secrets.first, facts.mode & 0o004 != 0 {
                add(
                    .openEnvironmentFile, job,
                    "\(file.path) holds \(secret.name), and everyone can read it: chmod 640, or 600 (charond reads it as root)"
                )
            }
        } catch {
            add(.badEnvironmentFile, job, "\(file.path):\(error.line): \(error.message)")
        }
    }
}
