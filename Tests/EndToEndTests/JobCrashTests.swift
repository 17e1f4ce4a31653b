import CharonCore
import Glibc
import Testing

/// The daemon dies while it starts a job; the next one does what was left undone, once.
@Suite(
    .serialized,
    .enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() }
)
struct JobCrashTests {
    /// A whole second, so many from now.
    private static func time(in seconds: Int64) -> Instant {
        Instant(seconds: Instant.now().nanoseconds / 1_000_000_000 + seconds)
    }

    /// A schedule that is due then.
    private static func schedule(at time: Instant) -> String {
        let time = time.civil
        return "\(time.second) \(time.minute) \(time.hour) \(time.day) \(time.month) *"
    }

    @Test(arguments: [CrashPoint.afterRunRecord, .afterIntent, .afterStartAnswer])
    func aJobRunsOnceWhereverItsStartWasCutOff(at point: CrashPoint) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            let due = Self.time(in: 4)
            try await site.startDaemon(
                jobs: """
                    job:
                      schedule: "\(Self.schedule(at: due))"
                      command: echo "$CHARON_NOMINAL_TIME" >> ran; exit 3
                    """, crash: "\(point.rawValue):1")
            #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
            #expect(site.count("ran") == 0)
            try await site.startDaemonWithJobs()
            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.message.contains("exited with code 3"), "\(execution)")
            _ = try await site.delivered("job")
            #expect(text(of: "\(site.path)/ran") == "\(due.rfc3339.prefix(19))Z\n", "\(site.daemonLog)")
            #expect(try await site.executions(of: "job").count == 1)
            // Nothing of it is due once more.
            try await site.stopDaemon()
            try await site.startDaemonWithJobs()
            #expect(try await site.job("job")?["running"] == 0)
            #expect(site.count("ran") == 1)
        }
    }
}
