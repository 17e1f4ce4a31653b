import ArgumentParser
import CharonCore
import CharonJobs
import CharonSchedule

/// `charonctl next`.
struct NextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Show what is due next, across all jobs.",
        discussion: """
            Reads the files of \(HostConfiguration.directory), or the files and directories given, as 'charonctl check' \
            does; no daemon is asked, so pauses and Charon's switch are not known here. A job's spread is not added. \
            Jobs that are refused are left out: 'charonctl check' tells.

            Times are in the zone of the schedule, with its offset. With --json each due time is one object: at, slug, \
            schedule, timezone.

            Exit status: 0 fine, whether anything is due or not; 64 wrong usage.
            """)

    @Argument(help: "Job files, a charon.yaml, or directories of both.")
    var files: [String] = []

    @Option(
        help: ArgumentHelp("What is due after this time, an RFC 3339 one as 2026-01-31T04:05:06Z.", valueName: "time"))
    var at: MomentArgument?

    @Option(help: ArgumentHelp("So many due times, 1 to 100000.", valueName: "n"))
    var count = 20

    @Flag(help: "Print JSON, one object on each line.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("--count is 1 to 100000.") }
    }

    func run() throws {
        let configuration = files.isEmpty ? HostConfiguration() : HostConfiguration(paths: files)
        var agenda = Agenda(of: configuration.jobs.jobs, from: at?.instant ?? .now())
        if !configuration.jobs.problems.isEmpty {
            Console.error("charonctl: some jobs are refused; 'charonctl check' tells which")
        }
        var table = Table("DUE", "SLUG", "SCHEDULE", "ZONE")
        for _ in 0..<count {
            guard let entry = agenda.next() else { break }
            let time = entry.instant.text(in: entry.zone)
            if json {
                let object: JSON = [
                    "at": .string(time), "slug": .string(entry.job.slug.text),
                    "schedule": .string(entry.schedule.description), "timezone": .string(entry.zone.name),
                ]
                print(object)
            } else {
                table.add("\(time)", "\(entry.job.slug.text)", "\(entry.schedule.description)", "\(entry.zone.name)")
            }
        }
        if !json { table.print() }
    }
}

/// A time on the command line.
struct MomentArgument: ExpressibleByArgument {
    let instant: Instant

    /// Nil for what is no time.
    init?(argument: String) {
        guard let instant = Instant(rfc3339: argument.utf8) else { return nil }
        self.instant = instant
    }
}
