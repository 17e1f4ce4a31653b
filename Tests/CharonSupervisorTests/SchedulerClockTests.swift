import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import CharonSupervisor
import Testing

/// Steps of the clock, sleep, and what an earlier daemon has left.
@Suite struct SchedulerClockTests {
    /// Sets the clock on by an hour: fixed times that it passes over are one run, the others go by the new time.
    @Test func aStepForward() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:50:30Z",
            "fixed: {schedule: '15,45 12 * * *', timezone: UTC}\nwild: {schedule: '*/30 * * * *', timezone: UTC}")
        clockwork.pass(10)
        clockwork.step(3600)
        let said = clockwork.said()
        #expect(said.contains("12:50:40 start fixed due 12:15:00,12:45:00"), "\(said)")
        #expect(said.first == "12:50:40 clock stepped(CharonSchedule.ClockJump.forward, seconds: 3600)", "\(said)")
        #expect(!said.contains { $0.contains("wild") }, "\(said)")
    }

    /// Sets it back by half an hour: fixed times do not come again, the others do.
    @Test func aStepBack() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z",
            "fixed: {schedule: '0 12 * * *', timezone: UTC, overlap: allow}\n"
                + "wild: {schedule: '0 * * * *', timezone: UTC, overlap: allow}")
        clockwork.pass(60)
        #expect(clockwork.said() == ["12:00:00 start fixed due 12:00:00", "12:00:00 start wild due 12:00:00"])
        clockwork.step(-1800)
        clockwork.pass(3600)
        #expect(clockwork.said().filter { $0.contains("start") } == ["12:00:00 start wild due 12:00:00"])
    }

    @Test func theNightWithoutHalfPastTwo() throws {
        var clockwork = try Clockwork(
            "2026-03-28T23:00:00Z", "a: {schedule: '30 2 * * *', timezone: Europe/Paris}")
        clockwork.pass(6 * 3600)
        #expect(clockwork.said() == ["01:00:00 start a due 02:30:00"])
    }

    @Test func missedTimesAreMentionedOnly() throws {
        var clockwork = try Clockwork("2026-05-05T22:00:00Z", "a: {schedule: '0 3 * * *', timezone: UTC}")
        clockwork.sleep(8 * 3600)
        #expect(clockwork.said() == ["06:00:00 clock late(seconds: 10800)", "06:00:00 missed a"])
    }

    @Test func onceForAllThatWasMissed() throws {
        var clockwork = try Clockwork(
            "2026-05-05T22:00:30Z", "a: {schedule: '0 */2 * * *', timezone: UTC, catch_up: once}")
        clockwork.sleep(8 * 3600)
        #expect(clockwork.said().last == "06:00:30 start a missed 00:00:00,02:00:00,04:00:00,06:00:00")
    }

    @Test func oneAfterTheOtherWithinTheLookBack() throws {
        var clockwork = try Clockwork(
            "2026-05-05T22:00:30Z",
            "a: {schedule: '0 */2 * * *', timezone: UTC, catch_up: {missed: all, look_back: 5h}}")
        clockwork.sleep(8 * 3600)
        clockwork.end(.success)
        clockwork.end(.failure)
        clockwork.end(.success)
        #expect(
            clockwork.said().dropFirst() == [
                "06:00:30 start a missed 02:00:00", "06:00:30 start a missed 04:00:00", "06:00:30 start a due 06:00:00",
            ])
    }

    @Test func intervalsCountFromTheLastStart() throws {
        var clockwork = try Clockwork("2026-05-05T12:00:00Z", "a: {schedule: '@every 90s', overlap: allow}")
        clockwork.pass(200)
        #expect(clockwork.said().map { $0.prefix(16) } == ["12:01:30 start a", "12:03:00 start a"])
        // A step of the wall clock is no time that has passed.
        clockwork.step(3600)
        clockwork.pass(60)
        #expect(!clockwork.said().contains { $0.contains("start") })
        clockwork.pass(30)
        #expect(clockwork.starts.count == 3)
    }

    /// A daemon that was away for a moment starts what was due meanwhile, and nothing twice.
    @Test func aRestart() throws {
        let position = ClockReading(wall: try #require(Instant(rfc3339: "2026-05-05T11:59:50Z".utf8)), boot: 1000)
        let now = ClockReading(wall: position.wall.advanced(bySeconds: 20), boot: position.boot + 20_000_000_000)
        let jobs = try Clockwork.load(
            "a: {schedule: '0 12 * * *', timezone: UTC}\nb: {schedule: '0 12 * * *', timezone: UTC}\n"
                + "new: {schedule: '0 12 * * *', timezone: UTC}")
        var scheduler = Scheduler(from: position)
        scheduler.started = [jobs[1].slug: ["2026-05-05T12:00:00"]]
        _ = scheduler.replace(Array(jobs.prefix(2)))
        let actions = scheduler.wake(at: now)
        #expect(Self.slugs(actions) == ["a"])
        #expect(Self.slugs(scheduler.replace(jobs)) == [])
        #expect(Self.slugs(scheduler.wake(at: now)) == [])
    }

    @Test func whatWaitedWaitsOn() throws {
        let start = ClockReading(wall: try #require(Instant(rfc3339: "2026-05-05T12:00:00Z".utf8)), boot: 1000)
        let job = try #require(try Clockwork.load("a: {retries: 3}").first)
        var scheduler = Scheduler(from: start)
        let mark = JobMark(.retry, due: start.wall, times: [], attempt: 2)
        scheduler.restore(job.slug, waiting: [WaitingStart(.retry, mark, until: 5_000_001_000)], anchor: nil)
        _ = scheduler.replace([job])
        #expect(scheduler.nextWake == start.wall.advanced(bySeconds: 5))
        let actions = scheduler.wake(
            at: ClockReading(wall: start.wall.advanced(bySeconds: 5), boot: start.boot + 5_000_000_000))
        #expect(Self.slugs(actions) == ["a"])
    }

    /// The run before it ended while no daemon was there.
    @Test func whatWasQueuedStartsWhenNothingRuns() throws {
        let start = ClockReading(wall: try #require(Instant(rfc3339: "2026-05-05T12:00:00Z".utf8)), boot: 1000)
        let job = try #require(try Clockwork.load("a: {overlap: queue}").first)
        var scheduler = Scheduler(from: start)
        scheduler.restore(job.slug, waiting: [WaitingStart(.queue, JobMark(.due, due: start.wall))], anchor: nil)
        _ = scheduler.replace([job])
        let run = RunID(at: start.wall)
        scheduler.began(run, of: job.slug)
        #expect(Self.slugs(scheduler.startNext(job.slug)) == [])
        #expect(Self.slugs(scheduler.ended(run, of: job.slug, nil, .success, at: start)) == ["a"])
        var other = Scheduler(from: start)
        other.restore(job.slug, waiting: [WaitingStart(.queue, JobMark(.due, due: start.wall))], anchor: nil)
        _ = other.replace([job])
        #expect(Self.slugs(other.startNext(job.slug)) == ["a"])
    }

    @Test func anIntervalThatWasOverMeanwhileStartsAtOnce() throws {
        let position = ClockReading(wall: try #require(Instant(rfc3339: "2026-05-05T12:00:00Z".utf8)), boot: 1000)
        let jobs = try Clockwork.load("a: {schedule: '@every 1h'}")
        var scheduler = Scheduler(from: position)
        scheduler.restore(jobs[0].slug, waiting: [], anchor: position.wall.advanced(bySeconds: -3000))
        _ = scheduler.replace(jobs)
        #expect(scheduler.nextWake == position.wall.advanced(bySeconds: 600))
        let later = ClockReading(wall: position.wall.advanced(bySeconds: 900), boot: position.boot + 900_000_000_000)
        #expect(Self.slugs(scheduler.wake(at: later)) == ["a"])
    }

    @Test func afterABoot() throws {
        var clockwork = try Clockwork(
            "2026-05-05T12:00:00Z", "a: {schedule: ['@reboot', '0 3 * * *']}\nb: {schedule: '* * * * *'}")
        clockwork.take(clockwork.scheduler.afterBoot())
        #expect(clockwork.starts.map(\.job.slug.text) == ["a"])
    }

    private static func slugs(_ actions: [Scheduler.Action]) -> [String] {
        actions.compactMap { if case .start(let start) = $0 { start.job.slug.text } else { nil } }
    }
}
