import ArgumentParser
import CharonCore
import CharonJobs
import CharonSchedule

/// `charonctl check [FILE...]`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check configuration and job files, and whether this host has what the jobs need.",
        discussion: """
            Reads charon.yaml and jobs.d of \(HostConfiguration.directory), or the files and directories given: job \
            files, a charon.yaml, or a directory as \(HostConfiguration.directory) is one. Nothing is started and no \
            daemon is asked; as root it sees most. Each finding says what to do, behind file:line:column, and ends with \
            a code that stays the same across releases. An error is a job that is refused or cannot run as it is.

            With --json it prints one object: findings, each with code, severity, slug, file, line, column and message, \
            and the numbers of jobs, errors and warnings, the seconds that loading took and the memory afterwards.

            Exit status: 0 no errors, but there may be warnings; 78 errors.
            """)

    @Argument(help: "Job files, a charon.yaml, or directories of both.")
    var files: [String] = []

    @Option(help: ArgumentHelp("The daemon's state directory, for how long runs take.", valueName: "path"))
    var state: String?

    @Flag(help: "Print one object as JSON.")
    var json = false

    func run() throws {
        let begin = ContinuousClock.now
        let configuration = files.isEmpty ? HostConfiguration() : HostConfiguration(paths: files)
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let resident = Resident.kibibytes
        var zones = ZoneStore()
        let host = HostFacts.system(
            zone: (try? zones.local()) ?? .utc,
            applications: configuration.settings.map { Set($0.applications.keys) },
            state: state ?? configuration.settings?.state ?? Settings().state)
        let findings = Check.findings(of: configuration.jobs, on: host)
        let errors = findings.count { $0.severity == .error }
        if json {
            let report: JSON = [
                "findings": .array(findings.map(\.json)), "jobs": .integer(Int64(configuration.jobs.jobs.count)),
                "errors": .integer(Int64(errors)), "warnings": .integer(Int64(findings.count - errors)),
                "seconds": .real((seconds * 1000).rounded() / 1000), "resident_kib": .integer(resident),
            ]
            print(report)
        } else {
            show(findings, errors, of: configuration.jobs.jobs.count)
        }
        if errors > 0 { throw ArgumentParser.ExitCode(78) }
    }

    private func show(_ findings: [Finding], _ errors: Int, of jobs: Int) {
        for finding in findings {
            print(Style.standardOutput.apply(finding.severity == .error ? .bad : .warning, Shown.line("\(finding)")))
        }
        let counts = [
            Shown.count(Int64(jobs), "job"), Shown.count(Int64(errors), "error"),
            Shown.count(Int64(findings.count - errors), "warning"),
        ]
        print("\(counts[0]) can be used: \(counts[1]), \(counts[2])")
    }
}
