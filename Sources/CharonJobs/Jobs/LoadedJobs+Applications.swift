extension LoadedJobs {
    /// Refuses the jobs that name an application which is not among `known`, those that the daemon reports to.
    package mutating func refuse(unknownApplicationsBut known: Set<String>) {
        for job in jobs {
            guard let name = job.options.application, !known.contains(name) else { continue }
            let list = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
            let problem = SettingsError.Problem(
                file: job.source.file, line: Int(job.source.line), column: Int(job.source.column),
                message: "charon.yaml has no application \"\(name)\" (it has: \(list)); a new one needs a restart")
            refused[job.slug] = problem
            problems.append(problem)
        }
        jobs.removeAll { refused[$0.slug] != nil }
    }
}
