import CharonCore
import CharonSchedule

/// Finds what can be known of jobs without running them.
///
/// A pure function of the jobs and what `HostFacts` says; nothing is started, and no daemon is asked.
package struct Check {
    let host: HostFacts
    var zones: ZoneStore
    private var findings: [Finding] = []

    private init(_ host: HostFacts) {
        self.host = host
        zones = host.zones
    }

    /// Everything there is to say of what was loaded, in the order of files and lines.
    package static func findings(of loaded: LoadedJobs, on host: HostFacts) -> [Finding] {
        var check = Check(host)
        check.findings = loaded.problems.map { Finding($0) } + loaded.notices.map { Finding(notice: $0) }
        for job in loaded.jobs { check.look(at: job) }
        return check.findings.sorted {
            ($0.file, $0.line ?? 0, $0.column ?? 0, $0.code) < ($1.file, $1.line ?? 0, $1.column ?? 0, $1.code)
        }
    }

    private mutating func look(at job: Job) {
        let account = job.user.flatMap(host.account)
        if let user = job.user, account == nil {
            add(.unknownUser, job, "there is no user \(user) on this host: make it, or name another one")
        }
        if let group = job.group, host.group(group) == nil {
            add(.unknownGroup, job, "there is no group \(group) on this host: make it, or name another one")
        }
        if let name = job.options.application, let known = host.applications, !known.contains(name) {
            let there = known.isEmpty ? "there are none" : "there are \(known.sorted().joined(separator: ", "))"
            add(.unknownApplication, job, "charon.yaml has no application \(name): \(there)")
        }
        if let account {
            lookAtCommand(job, account)
            lookAtFiles(job, account)
        }
        lookAtSecrets(job)
        lookAtTimes(job)
        for line in host.wrapped where line.slug == job.slug {
            add(
                .alsoWrapped, job,
                "\(line.file):\(line.line) wraps the same slug: both run, as one cron of Charon; remove one of them")
        }
    }

    mutating func add(_ code: FindingCode, _ job: Job, _ message: String) {
        findings.append(Finding(code, job, message))
    }

    /// Why an account does not reach a path, by the rights of the directories above it; nil if it does.
    func obstacle(to path: String, _ account: Account) -> String? {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/\(part)"
            guard let facts = host.file(directory) else { return "there is no \(directory)" }
            guard facts.allows(.execute, account) else { return "\(account.name) may not enter \(directory)" }
        }
        return nil
    }
}
