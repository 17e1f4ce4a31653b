import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl job SLUG`.
struct JobCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Show all of one job: its definition, its next times, its switches, its last runs.",
        discussion: """
            Three switches decide whether a due time starts a run, and they count in this order: 'enabled' in the job \
            file; a pause, of the job or of all ('charonctl pause'); and Charon's own, which is asked at each start. The \
            first that is off is the reason, and the later ones are not looked at. 'charonctl start' passes the first \
            two; with --ungated Charon's as well. What Charon says now: 'charonctl probe SLUG'.

            Next times have the offset of the job's zone; other times are UTC. The definition is the one in force: where \
            the file has a newer one that is refused, it says so. The usual duration is the median of the last successes.

            Exit status: 0 fine; 1 no daemon, it refused, or there is no such job.
            """)

    @Argument(help: "The job: \(Slug.rule).")
    var slug: Slug

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.getJob, ["slug": .string(slug.text)])
        guard !connection.json else {
            print(reply)
            return 0
        }
        let all = try daemon.call(.jobs, ["limit": 1])
        JobReport(reply, pauseOfAll: all["paused"], isDraining: all["draining"]?.bool == true).print(.standardOutput)
        return 0
    }
}
