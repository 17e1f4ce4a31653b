import CharonCore

/// What `GetStatus` says of the jobs of job files.
struct JobSummary {
    private let reply: JSON

    init(_ reply: JSON) { self.reply = reply }

    /// A line with the numbers and what is due next, and one while the daemon drains; none without jobs.
    func lines(_ style: Style) -> [String] {
        var lines: [String] = []
        if let jobs = reply["jobs"]?.integer {
            var line = "jobs: \(jobs)"
            if jobs > 0 {
                let paused = reply["paused_jobs"]?.integer ?? 0
                line += " (\(reply["scheduled"]?.integer ?? 0) scheduled, "
                line += paused > 0 ? "\(style.apply(.warning, "\(paused) paused")))" : "0 paused)"
            }
            if let next = reply["next"], next != .null {
                line += ", next: \(Shown.text(next["slug"])) at \(Shown.time(next["at"]))"
            }
            lines.append(line)
        }
        if reply["draining"]?.bool == true { lines.append(style.apply(.warning, Self.draining)) }
        return lines
    }

    /// What drains means, and how it ends.
    static let draining =
        "draining: nothing is started by schedule until 'charonctl resume --all' or a restart of charond"
}
