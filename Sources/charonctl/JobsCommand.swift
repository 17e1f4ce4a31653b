import ArgumentParser
import CharonControl
import CharonCore
import CharonJobs

/// `charonctl jobs`.
struct JobsCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs of the job files: schedule, next time, state, last outcome.",
        discussion: """
            STATE has what is not as usual: running; queued (a due time waits for the run before it); retry at, after a \
            failure; paused, by 'charonctl pause'; off, by 'enabled: false' in its file; removed (its file no longer has \
            it, and its run goes on); refused (its file has a newer definition with a mistake, and the last good one \
            stands: 'charonctl job SLUG' tells which). A job without a schedule is started by 'charonctl start' only. \
            What Charon has switched off is known when it is asked, at the start of each run.

            With --json it prints one object for each page of jobs.

            Exit status: 0 fine, whether there are any or not; 1 no daemon, or it refused.
            """)

    @Flag(help: "Only jobs whose last run ended as a failure, by their success codes.")
    var failed = false

    @Flag(help: "Only jobs that are paused, each by itself or all together.")
    var paused = false

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        var table = Table("SLUG", "SCHEDULE", "NEXT", "STATE", "LAST")
        var (count, after): (Int, String?) = (0, nil)
        repeat {
            let reply = try daemon.call(
                .jobs, ["after": after.map { .string($0) }, "limit": .integer(Int64(ControlInterface.mostRuns))])
            let page = reply["jobs"]?.array ?? []
            let shown = page.filter { isWanted($0, all: reply["paused"]) }
            if connection.json {
                print(Self.page(reply, shown))
            } else {
                if after == nil { Self.explain(reply) }
                for job in shown { Self.add(job, to: &table) }
            }
            count += shown.count
            after = reply["more"]?.bool == true ? page.last?["slug"]?.string : nil
        } while after != nil
        guard !connection.json else { return 0 }
        if count > 0 { table.print() } else { print(none) }
        return 0
    }

    private func isWanted(_ job: JSON, all: JSON?) -> Bool {
        if failed, job["last"]?["success"]?.bool != false { return false }
        return !paused || JobState.isGiven(job["paused"]) || JobState.isGiven(all)
    }

    private static func page(_ reply: JSON, _ jobs: [JSON]) -> JSON {
        let others = (reply.members ?? []).map { $0.name == "jobs" ? JSON.Member("jobs", .array(jobs)) : $0 }
        return .object(others)
    }

    /// What holds for all jobs.
    private static func explain(_ reply: JSON) {
        var lines: [String] = []
        if let pause = reply["paused"], pause != .null {
            lines.append("all jobs are \(JobState.whole(pause)): 'charonctl resume --all' ends that")
        }
        if reply["draining"]?.bool == true { lines.append(JobSummary.draining) }
        guard !lines.isEmpty else { return }
        for line in lines { print(Style.standardOutput.apply(.warning, line)) }
        print("")
    }

    private static func add(_ job: JSON, to table: inout Table) {
        let schedules = (job["schedules"]?.array ?? []).map { Shown.text($0) }
        table.add(
            "\(Shown.text(job["slug"]))", Table.Cell(schedules.isEmpty ? "by hand" : schedules.joined(separator: "; ")),
            "\(Shown.time(job["next"]))", JobState.cell(job), JobState.last(job))
    }

    private var none: String {
        failed || paused
            ? "no such jobs"
            : "no jobs: job files are in \(HostConfiguration.directory)/jobs.d; 'charonctl check' tells what is wrong with "
                + "them, 'charonctl reload' has them read"
    }
}
