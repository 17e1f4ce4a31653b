import CharonCore
import Glibc

extension Site {
    /// The configuration of a daemon with job files: `charon.yaml`, and `jobs.d` beside it.
    var configuration: String { "\(path)/etc/charon.yaml" }
    var jobFile: String { "\(path)/etc/jobs.d/jobs.yaml" }

    /// Writes the one job file; `jobs` are the lines below `jobs:`.
    func save(jobs: String) throws {
        let lines = jobs.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        try write("jobs:\n\(lines)", to: jobFile, mode: 0o644)
    }

    /// Writes the configuration with these jobs, which run as the test does in the site's directory, and starts a daemon.
    func startDaemon(jobs: String, crash: String? = nil) async throws {
        for name in ["etc", "etc/jobs.d"] { mkdir("\(path)/\(name)", 0o755) }
        let text = """
            applications: {default: {url: "\(url)", key_file: "\(keyFile)"}}
            defaults: {user: "\(geteuid())", directory: "\(path)", timezone: UTC}

            """
        try write(text, to: configuration, mode: 0o644)
        try save(jobs: jobs)
        try await startDaemon(["--config", configuration], crash: crash)
    }

    /// Starts a daemon with the files that are there.
    func startDaemonWithJobs() async throws { try await startDaemon(["--config", configuration]) }

    /// A site whose server knows `slugs`, with a daemon that has `jobs`.
    static func running(_ slugs: String..., jobs: String, body: (Site) async throws -> Void) async throws {
        try await with { site in
            try await site.serve(slugs)
            try await site.startDaemon(jobs: jobs)
            try await body(site)
        }
    }

    /// A job as `charonctl jobs` has it.
    func job(_ slug: String) async throws -> JSON? {
        let jobs = try await control("jobs", "--json").json()["jobs"]?.array ?? []
        return jobs.first { $0["slug"]?.string == slug }
    }

    /// How many lines a file of the site has: one for each time that a job has run.
    func count(_ name: String) -> Int { text(of: "\(path)/\(name)").count { $0 == "\n" } }
}
