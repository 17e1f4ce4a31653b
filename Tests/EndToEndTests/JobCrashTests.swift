import CharonCore
import Glibc
import Testing

/// The daemon dies while it starts a job; the next one does what was left undone, once.
@Suite(
    .serialized,
    .enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() }
)
struct JobCrashTests {
    /// A schedule that is due once, so many seconds from now.
    private static func schedule(in seconds: Int64) -> String {
        let time = Instant(seconds: Instant.now().nanoseconds / 1_000_000_000 + seconds).civil
        return "\(time.second) \(time.minute) \(time.hour) \(time.day) \(time.month) *"
    }

    @Test(arguments: [CrashPoint.afterRunRecord, .afterIntent, .afterStartAnswer])
    func aJobRunsOnceWhereverItsStartWasCutOff(at point: CrashPoint) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try await site.startDaemon(
                jobs: """
                    job:
                      schedule: "\(Self.schedule(in: 4))"
                      command: echo "$CHARON_NOMINAL_TIME" >> ran; exit 3
                    """, crash: "\(point.rawValue):1")
            #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
            #expect(site.count("ran") == 0)
            try await site.startDaemonWithJobs()
            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.message.contains("exited with code 3"), "\(execution)")
            _ = try await site.delivered("job")
            #expect(site.count("ran") == 1, "\(site.daemonLog)")
            #expect(try await site.executions(of: "job").count == 1)
            // Nothing of it is due once more.
            try await site.stopDaemon()
            try await site.startDaemonWithJobs()
            #expect(try await site.job("job")?["running"] == 0)
            #expect(site.count("ran") == 1)
        }
    }
}
