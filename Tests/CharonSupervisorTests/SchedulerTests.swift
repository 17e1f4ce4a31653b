import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import CharonSupervisor
import Testing

/// What is due when, and that nothing wakes in between.
@Suite struct SchedulerTests {
    @Test func eachTimeIsOneWakeUp() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z",
            "a: {schedule: '*/10 * * * *', timezone: UTC}\nb: {schedule: '5 12 * * *', timezone: UTC}")
        clockwork.pass(1800)
        #expect(
            clockwork.said() == [
                "12:00:00 start a due 12:00:00", "12:05:00 start b due 12:05:00", "12:10:00 skip a overlap",
                "12:20:00 skip a overlap",
            ])
        #expect(clockwork.wakes == 4)
    }

    @Test func nothingToDoIsNoTimer() throws {
        let clockwork = try Clockwork(
            "2026-05-05T12:00:00Z", "a: {}\nb: {schedule: '* * * * *', enabled: false}\nc: {schedule: '@reboot'}")
        #expect(clockwork.scheduler.nextWake == nil)
        #expect(clockwork.scheduler.first == nil)
    }

    @Test func ofTwoSchedulesThatFallTogetherOneRunComes() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: ['0 12 * * *', '0,1 * * * *'], timezone: UTC}")
        clockwork.pass(60)
        #expect(clockwork.said() == ["12:00:00 start a due 12:00:00"])
    }

    @Test func queuedIsOneAndNoMore() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC, overlap: queue}")
        clockwork.pass(150)
        #expect(clockwork.said() == ["12:00:00 start a due 12:00:00", "12:02:00 skip a overlap"])
        clockwork.end(.success)
        #expect(clockwork.said() == ["12:02:00 start a due 12:01:00"])
        clockwork.end(.success)
        #expect(clockwork.said() == [])
    }

    @Test func allowedRunsGoOnSideBySide() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC, overlap: allow}")
        clockwork.pass(90)
        #expect(clockwork.starts.count == 2)
        #expect(clockwork.starts[0].run != clockwork.starts[1].run)
        #expect(clockwork.scheduler.running(clockwork.starts[0].job.slug) == 2)
    }

    /// A wrapped line of the same slug, or a run that an earlier daemon began, is in the way too.
    @Test func runsOfOthersCount() throws {
        var clockwork = try Clockwork("2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC}")
        let slug = try #require(Slug("a"))
        let run = RunID(at: clockwork.wall)
        clockwork.scheduler.began(run, of: slug)
        clockwork.pass(60)
        #expect(clockwork.said() == ["12:00:00 skip a overlap"])
        clockwork.take(clockwork.scheduler.ended(run, of: slug, nil, .failure, at: clockwork.reading))
        clockwork.pass(60)
        #expect(clockwork.said() == ["12:01:00 start a due 12:01:00"])
    }

    /// Each attempt is a run; the delays are those of the job.
    @Test func retriesFollowAFailure() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z",
            "a: {schedule: '0 12 * * *', timezone: UTC, retries: {count: 2, delay: 10s, multiplier: 3}}")
        clockwork.pass(31)
        clockwork.end(.failure)
        clockwork.pass(11)
        clockwork.end(.failure)
        clockwork.pass(31)
        clockwork.end(.failure)
        clockwork.pass(3600)
        #expect(
            clockwork.said() == [
                "12:00:00 start a due 12:00:00", "12:00:11 start a retry 12:00:00", "12:00:42 start a retry 12:00:00",
            ])
        #expect(clockwork.starts.map(\.mark.attempt) == [1, 2, 3])
        #expect(Set(clockwork.starts.map(\.mark.due)).count == 1)
    }

    @Test(arguments: [JobResult.success, .dropped]) func nothingFollowsAnythingElse(_ result: JobResult) throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '0 12 * * *', timezone: UTC, retries: 3}")
        clockwork.pass(31)
        clockwork.end(result)
        clockwork.pass(3600)
        #expect(clockwork.starts.count == 1)
    }

    /// The next due time is a fresh start: what was to follow the failure before it is dropped.
    @Test func aDueTimeTakesTheRetrysPlace() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC, retries: {count: 1, delay: 90s}}")
        clockwork.pass(31)
        clockwork.end(.failure)
        clockwork.pass(60)
        clockwork.end(.success)
        clockwork.pass(35)
        #expect(clockwork.said() == ["12:00:00 start a due 12:00:00", "12:01:00 start a due 12:01:00"])
    }

    @Test func spreadIsAlwaysTheSameAndWithinItsTime() throws {
        let text = "a: {schedule: '0 12 * * *', timezone: UTC, spread: 10min}"
        var clockwork = try Clockwork("2026-05-05T11:59:00Z", text)
        clockwork.pass(86_400 * 2)
        var other = try Clockwork("2026-05-07T11:59:00Z", text)
        other.pass(86_400)
        let offsets = [clockwork.starts[0], other.starts[0]].map { start in
            RunID(at: start.mark.due) < start.run ? start.run.text.dropFirst(9).prefix(6) : ""
        }
        #expect(offsets[0] == offsets[1] && offsets[0] != "120000")
        #expect(offsets[0] >= "120000" && offsets[0] < "121000")
    }

    @Test func aStartThatIsTooLateIsSkipped() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '0 12 * * *', timezone: UTC, start_deadline: 60s}")
        clockwork.sleep(30 + 61)
        #expect(clockwork.said() == ["12:01:01 clock late(seconds: 61)", "12:01:01 skip a late"])
    }

    @Test func queuedTooLongIsTooLate() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z",
            "a: {schedule: '* * * * *', timezone: UTC, overlap: queue, start_deadline: 90s}")
        clockwork.pass(95)
        clockwork.pass(120)
        _ = clockwork.said()
        clockwork.end(.success)
        #expect(clockwork.said() == ["12:03:05 skip a late"])
    }
}
