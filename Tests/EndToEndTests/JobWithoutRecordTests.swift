import CharonCore
import Glibc
import Testing

/// A disk on which nothing can be recorded keeps no job from running.
@Suite(.serialized, .enabled(if: geteuid() == 0, "not root"))
struct JobWithoutRecordTests {
    /// A site whose state directory is full by now, and `job` once more on and off at Charon.
    private func full(_ jobs: String, _ body: (Site) async throws -> Void) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            mkdir(site.state, 0o700)
            try await site.mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", at: site.state)
            try await site.startDaemon(jobs: jobs)
            let filling = try Spawned(["sh", "-c", "cat /dev/zero >\(site.state)/ballast"], in: site.path)
            #expect(try await filling.exitCode() != 0)
            for number in 0..<64 { try? write("x", to: "\(site.state)/\(number)") }
            try await body(site)
        }
    }

    @Test func aJobRunsAndIsFollowedAllTheSame() async throws {
        let job = """
            job:
              schedule: "0 0 29 2 *"
              command: echo ran >> ran; sleep 2; exit 3
            """
        try await full(job) { site in
            let started = try await site.control("start", "job")
            #expect(started.exitCode == 0, "\(started.error)")
            try await eventually("it runs") { site.count("ran") == 1 }
            #expect(site.daemonLog.contains("running without a record"))
            // It still counts as running.
            let second = try await site.control("start", "job")
            #expect(second.exitCode != 0 && site.count("ran") == 1, "\(second.output)\(second.error)")
            try await eventually("its end: \(site.daemonLog)") { site.daemonLog.contains("exited with code 3") }
            try await eventually("the next start") {
                try await site.control("start", "job").exitCode == 0
            }
            try await eventually("it runs again") { site.count("ran") == 2 }
            #expect(site.records(of: "job").isEmpty)
            #expect(try await site.executions(of: "job").isEmpty)
        }
    }

    @Test func charonsSwitchCountsWithoutARecord() async throws {
        let job = """
            job:
              schedule: "0 0 29 2 *"
              command: echo ran >> ran
            """
        try await full(job) { site in
            try await site.administer("cron", "off", "job")
            _ = try await site.control("start", "job")
            try await eventually("the refusal: \(site.daemonLog)") { site.daemonLog.contains("skipped") }
            #expect(site.count("ran") == 0)
            // The first switch of the order is passed, and Charon's with it.
            #expect(try await site.control("start", "job", "--ungated").exitCode == 0)
            try await eventually("it runs") { site.count("ran") == 1 }
        }
    }
}
