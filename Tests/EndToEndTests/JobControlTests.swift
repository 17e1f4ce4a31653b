import CharonCore
import Glibc
import Testing

/// The jobs of job files, as an operator sees and steers them with charonctl.
@Suite(.serialized)
struct JobControlTests {
    private static let jobs = """
        nightly:
          schedule: ["0 5 * * *", "30 6 * * MON"]
          timezone: Europe/Riga
          timeout: 4min
          command: echo nightly
        by-hand:
          command: "echo one; echo two >&2; exit 3"
        off:
          schedule: "@every 1s"
          enabled: false
          command: echo off >> off
        """

    @Test func jobsAreListedAndOneIsShown() async throws {
        try await Site.running("by-hand", jobs: Self.jobs) { site in
            let list = try await site.control("jobs")
            #expect(list.exitCode == 0 && list.error == "", "\(list)")
            let lines = list.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 4 && lines[0].hasPrefix("SLUG "), "\(lines)")
            #expect(lines[1].firstMatch(of: /^by-hand +by hand +- +- +-$/) != nil, "\(lines[1])")
            #expect(
                lines[2].firstMatch(of: /^nightly +0 5 \* \* \*; 30 6 \* \* 1 +\d{4}-\d\d-\d\dT0[234]:/) != nil,
                "\(lines[2])")
            #expect(lines[3].contains(" @every 1s ") && lines[3].contains(" off "), "\(lines[3])")

            let report = try await site.control("job", "nightly").output
            for line in [
                "file           \(site.jobFile):2", "command        /bin/sh -c 'echo nightly'",
                "timeout        4 min 0 s", "overlap        skip", "zone           Europe/Riga", "enabled        yes",
                "pause          no",
            ] {
                #expect(report.contains("\n  \(line)\n"), "\(line): \(report)")
            }
            #expect(report.contains("when           0 5 * * *: at 05:00 every day\n"), "\(report)")
            let times = report.matches(of: /\d{4}-\d\d-\d\dT0[56]:[03]0:00\+0[23]:00/).map { String($0.output) }
            #expect(times.count == 5 && times == times.sorted(), "\(report)")
            #expect(try await site.control("job", "off").output.contains("enabled        no: off in its file"))

            let status = try await site.control("status").output
            #expect(status.contains("\njobs: 3 (1 scheduled, 0 paused), next: nightly at "), "\(status)")
            let json = try await site.control("status", "--json").json()
            #expect(json["pid"]?.integer == site.daemon.map { Int64($0.pid) })
            let none = try await site.control("job", "other")
            #expect(none.exitCode == 1 && none.error.contains("there is no such job"), "\(none)")
        }
    }

    @Test func startFollowsTheRunAndExitsAsItDoes() async throws {
        try await Site.running("by-hand", jobs: Self.jobs) { site in
            let followed = try await site.control("start", "by-hand", "--follow")
            #expect(followed.exitCode == 3 && followed.error == "", "\(followed)")
            #expect(followed.output.contains(" info    one\n") && followed.output.contains(" two\n"), "\(followed)")
            let run = try #require(followed.output.split(separator: "\n").first.flatMap { RunID(String($0)) })
            #expect(followed.output.hasSuffix("==> by-hand \(run): exit 3\n"))
            #expect(try await site.ended("by-hand").success == false)

            let started = try await site.control("start", "by-hand")
            #expect(started.exitCode == 0 && RunID(String(started.output.dropLast())) != nil, "\(started)")
            _ = try await site.ended("by-hand", count: 2)
            let report = try await site.control("job", "by-hand").output
            #expect(report.contains("\(run)  exit 3") && report.contains("last           exit 3, "), "\(report)")
            #expect(try await site.control("jobs", "--failed").output.contains("by-hand"))
        }
    }

    @Test func startPassesTheFirstTwoSwitchesAndCharonsOnlyUngated() async throws {
        try await Site.running("off", jobs: Self.jobs) { site in
            #expect(try await site.control("pause", "off").exitCode == 0)
            #expect(try await site.control("start", "off", "-f").exitCode == 0)
            #expect(site.count("off") == 1)
            try await site.administer("cron", "off", "off")
            let skipped = try await site.control("start", "off", "-f")
            #expect(skipped.exitCode == 3 && skipped.output == "", "\(skipped)")
            #expect(skipped.error.contains("Charon has switched it off"), "\(skipped)")
            #expect(site.count("off") == 1)
            let report = try await site.control("job", "off").output
            #expect(report.contains("Charon         off, as it said at "), "\(report)")
            let ungated = try await site.control("start", "off", "--ungated", "--follow")
            #expect(ungated.exitCode == 0, "\(ungated)")
            #expect(site.count("off") == 2)
        }
    }

    @Test func stopEndsARunByItsSignal() async throws {
        let jobs = """
            long:
              stop_signal: SIGINT
              stop_grace: 20s
              command: "trap 'touch mark-told; trap - INT; kill -INT $$' INT; touch mark-begun; while :; do sleep 0.05; done"
            """
        try await Site.running("long", jobs: jobs) { site in
            let run = String(try await site.control("start", "long").output.dropLast())
            try await site.reached("begun")
            #expect(try await site.job("long")?["running"] == 1)
            let stopped = try await site.control("stop", run)
            #expect(stopped.exitCode == 0 && stopped.output == "\(run): stopped\n", "\(stopped)")
            #expect(site.hasMark("told"))
            #expect(try await site.ended("long").success == false)
            let again = try await site.control("stop", run)
            #expect(again.exitCode == 1 && again.error.contains("does not run"), "\(again)")
            let none = try await site.control("stop", "20200101T000000000-000000000000")
            #expect(none.exitCode == 1 && none.error.contains("there is no such run"), "\(none)")
        }
    }

    private static let ticking = """
        one:
          schedule: "@every 1s"
          command: echo one >> one
        two:
          schedule: "@every 1s"
          command: echo two >> two
        """

    /// Waits until a job has run `times` more often, so that another one could have.
    private func ticks(_ name: String, _ site: Site, _ times: Int = 3) async throws {
        let before = site.count(name)
        try await eventually("\(name) to run") { site.count(name) >= before + times }
    }

    /// Waits until a job that is not started any more does not run either, and returns how often it has run.
    private func atRest(_ slug: String, _ site: Site) async throws -> Int {
        try await eventually("\(slug) at rest") { try await site.job(slug)?["running"] == 0 }
        return site.count(slug)
    }

    @Test func aPauseOutlivesTheDaemonAndEndsByItself() async throws {
        try await Site.running("one", "two", jobs: Self.ticking) { site in
            try await ticks("one", site, 1)
            let paused = try await site.control("pause", "one", "--reason", "a move")
            #expect(paused.exitCode == 0 && paused.output.hasPrefix("one: paused until"), "\(paused)")
            let count = try await atRest("one", site)
            try await ticks("two", site)
            #expect(site.count("one") == count)
            let row = try await site.control("jobs", "--paused").output
            #expect(row.contains("one ") && row.contains(" paused ") && !row.contains("two "), "\(row)")
            #expect(try await site.control("job", "one").output.contains("pause          paused: a move (since "))
            #expect(try await site.control("status").output.contains("(2 scheduled, 1 paused)"))

            try await site.stopDaemon()
            try await site.startDaemonWithJobs()
            try await ticks("two", site)
            #expect(site.count("one") == count)
            #expect(try await site.control("resume", "one").exitCode == 0)
            try await ticks("one", site, 1)

            #expect(try await site.control("pause", "one", "--until", "2s").exitCode == 0)
            #expect(try await site.job("one")?["paused"]?["until"]?.string != nil)
            try await eventually("the end of the pause") { try await site.job("one")?["paused"] == nil }
            try await ticks("one", site, 1)
        }
    }

    @Test func allJobsArePausedTogetherAndEachByItself() async throws {
        try await Site.running("one", "two", jobs: Self.ticking) { site in
            #expect(try await site.control("pause", "two").exitCode == 0)
            let all = try await site.control("pause", "--all")
            #expect(all.exitCode == 0 && all.output.hasPrefix("all jobs (2): paused"), "\(all)")
            #expect(try await site.control("jobs").output.hasPrefix("all jobs are paused (since "))
            #expect(try await site.control("job", "one").output.contains("pause of all   paused (since "))
            let counts = (try await atRest("one", site), try await atRest("two", site))
            let resumed = try await site.control("resume", "--all")
            #expect(resumed.exitCode == 0 && resumed.error.contains("1 job is still paused by itself"), "\(resumed)")
            try await ticks("one", site)
            #expect(counts.0 < site.count("one") && site.count("two") == counts.1)
        }
    }

    @Test func reloadTellsWhatIsWrongAndTheLastGoodDefinitionStands() async throws {
        try await Site.running("by-hand", jobs: Self.jobs) { site in
            let same = try await site.control("reload")
            #expect(same.exitCode == 0 && same.output.hasSuffix("3 jobs, none changed\n"), "\(same)")
            try site.save(jobs: Self.jobs + "\nnew: {command: \"true\"}")
            let added = try await site.control("reload")
            #expect(added.exitCode == 0 && added.output.hasSuffix("4 jobs\n") && added.error == "", "\(added)")
            #expect(added.output.contains("added new\n"), "\(added)")

            try site.save(jobs: Self.jobs.replacing("timeout: 4min", with: "timeout: soon"))
            let bad = try await site.control("reload")
            #expect(bad.exitCode == 78 && bad.error.contains("\(site.jobFile):5:"), "\(bad)")
            #expect(bad.error.contains("charonctl: 1 problem: "), "\(bad)")
            let report = try await site.control("job", "nightly").output
            #expect(report.contains("timeout        4 min 0 s"), "\(report)")
            #expect(report.contains("problem        ") && report.contains("\(site.jobFile):5:"), "\(report)")
            #expect(try await site.job("new") == nil)
            #expect(try await site.control("jobs").output.contains(" refused "))

            try site.save(jobs: Self.jobs.replacing("timeout: 4min", with: "timeout: 5min"))
            let mended = try await site.control("reload")
            #expect(mended.exitCode == 0 && mended.error == "", "\(mended)")
            #expect(try await site.control("job", "nightly").output.contains("timeout        5 min 0 s"))
            #expect(try await site.job("nightly")?["problem"] == nil)
        }
    }

    @Test func drainWaitsForWhatRunsAndStartsNothing() async throws {
        let jobs = """
            one:
              schedule: "@every 1s"
              command: echo one >> one
            long:
              command: "touch mark-begun; until [ -e mark-go ]; do sleep 0.02; done"
            """
        try await Site.running("one", "long", jobs: jobs) { site in
            try await ticks("one", site, 1)
            #expect(try await site.control("start", "long").exitCode == 0)
            try await site.reached("begun")
            let late = try await site.control("drain", "--timeout", "3s")
            #expect(late.exitCode == 1 && late.error.contains("charonctl resume --all"), "\(late)")
            let count = try await atRest("one", site)
            #expect(try await site.control("status").output.contains("\ndraining: "))
            let drain = try Spawned(
                [Programs.control, "drain"], in: site.path,
                environment: ["CHARON_SOCKET": site.socket, "HOME": site.path, "CHARON_TEST_SITE": site.path])
            try await eventually("its first words") { drain.standardError.contains("1 run under way") }
            #expect(drain.exitCode == nil)
            try write("", to: site.mark("go"))
            #expect(try await drain.exitCode() == 0, "\(drain.standardError)")
            #expect(drain.standardOutput.hasPrefix("nothing runs; "))
            #expect(site.count("one") == count)
            #expect(try await site.control("resume", "--all").exitCode == 0)
            try await ticks("one", site, 1)
            #expect(try await !site.control("status").output.contains("draining: "))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "not root")) func othersSeeAndSteerNothing() async throws {
        let jobs = """
            ours:
              schedule: "@every 1h"
              command: touch mark-ours
            theirs:
              user: "\(nobody)"
              directory: /usr
              command: id -u
            """
        try await Site.running("ours", "theirs", jobs: jobs) { site in
            for words in [
                ["start", "ours"], ["pause", "ours"], ["pause", "--all"], ["resume", "--all"], ["reload"], ["drain"],
                ["job", "ours"],
            ] {
                let refused = try await site.control(words, uid: nobody)
                #expect(refused.exitCode == 1 && refused.output == "", "\(words): \(refused)")
                #expect(refused.error.contains("charond refuses"), "\(words): \(refused)")
            }
            #expect(!site.hasMark("ours"))
            let list = try await site.control("jobs", uid: nobody).output
            #expect(list.contains("theirs") && !list.contains("ours "), "\(list)")
            // The instrument: what he may, works.
            let own = try await site.control("start", "theirs", "--follow", uid: nobody)
            #expect(own.exitCode == 0 && own.output.contains(" \(nobody)\n"), "\(own)")
        }
    }
}
