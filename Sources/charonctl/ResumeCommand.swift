import ArgumentParser
import CharonControl
import CharonCore

/// `charonctl resume SLUG... | --all`.
struct ResumeCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End the pause of jobs: their schedules count again, from now on.",
        discussion: """
            --all ends the pause of all jobs, and what 'charonctl drain' began; jobs that were paused by themselves stay \
            so. What was due during the pause is not made up for.

            Exit status: 0 done, paused before or not; 1 no daemon, it refused, or there is no such job.
            """)

    @OptionGroup var jobs: JobSelection
    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let status = try jobs.forEach { slug throws(CharonError) in
            let reply = try daemon.call(.resume, ["slug": slug.map { .string($0.text) }])
            if connection.json { return print(reply) }
            let what = slug?.text ?? "all jobs (\(reply["jobs"]?.integer ?? 0))"
            print("\(what): resumed")
        }
        if !connection.json { try tellWhatStays(&daemon) }
        return status
    }

    /// Says which pauses stand beside those that were ended.
    private func tellWhatStays(_ daemon: inout DaemonConnection) throws(CharonError) {
        if jobs.all {
            let paused = try daemon.call(.getStatus)["paused_jobs"]?.integer ?? 0
            guard paused > 0 else { return }
            let what = paused == 1 ? "1 job is still paused by itself" : "\(paused) jobs are still paused by themselves"
            Console.error("charonctl: \(what): 'charonctl jobs --paused' lists them")
        } else {
            let reply = try daemon.call(.jobs, ["limit": 1])
            if let pause = reply["paused"], pause != .null {
                Console.error(
                    "charonctl: all jobs are still \(JobState.whole(pause)): 'charonctl resume --all' ends that")
            }
            if reply["draining"]?.bool == true { Console.error("charonctl: \(JobSummary.draining)") }
        }
    }
}
