import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import CharonSupervisor
import Testing

/// Nothing fires because of an edit; pauses; starts by hand.
@Suite struct SchedulerEditTests {
    @Test func anEditWithinTheMinute() throws {
        var clockwork = try Clockwork("2026-05-05T11:59:30Z", "a: {schedule: '0 12 * * *', timezone: UTC}")
        clockwork.pass(45)
        _ = clockwork.said()
        try clockwork.edit("a: {schedule: '0 12 * * 2', timezone: UTC}")
        clockwork.pass(45)
        #expect(clockwork.said() == [])
    }

    @Test func anEditToAnEarlierTime() throws {
        var clockwork = try Clockwork("2026-05-05T11:30:00Z", "a: {schedule: '0 12 * * *', timezone: UTC}")
        try clockwork.edit("a: {schedule: '0 11 * * *', timezone: UTC, catch_up: all}")
        clockwork.pass(3600)
        #expect(clockwork.said() == [])
    }

    @Test func anEditToALaterTimeOfTheDay() throws {
        var clockwork = try Clockwork("2026-05-05T12:30:00Z", "a: {schedule: '0 12 * * *', timezone: UTC}")
        try clockwork.edit("a: {schedule: '0 13 * * *', timezone: UTC}")
        clockwork.pass(3600)
        #expect(clockwork.said() == ["13:00:00 start a due 13:00:00"])
    }

    /// Just behind the hour that Paris did not have, a job is edited whose time lay in it.
    @Test func anEditWithinAGap() throws {
        var clockwork = try Clockwork("2026-03-29T00:59:00Z", "a: {schedule: '30 2 * * *', timezone: Europe/Paris}")
        clockwork.pass(70)
        #expect(clockwork.said() == ["01:00:00 start a due 02:30:00"])
        clockwork.end(.success)
        try clockwork.edit("a: {schedule: '40 2 * * *', timezone: Europe/Paris, nice: 1}")
        clockwork.pass(3600)
        #expect(clockwork.said() == [])
    }

    @Test func aRenamedSlug() throws {
        var clockwork = try Clockwork("2026-05-05T12:00:30Z", "a: {schedule: '0 12 * * *', timezone: UTC}")
        try clockwork.edit("b: {schedule: '0 12 * * *', timezone: UTC, catch_up: all}")
        clockwork.pass(3600)
        #expect(clockwork.said() == [])
    }

    /// What was due before the edit is still started by the definition that was in force then.
    @Test func whatIsDueAtTheEditGoesByTheOldDefinition() throws {
        var clockwork = try Clockwork("2026-05-05T11:59:59Z", "a: {schedule: '0 12 * * *', timezone: UTC, nice: 3}")
        clockwork.sleep(0.5)
        clockwork.sleep(0.5)
        try clockwork.edit("a: {schedule: '0 18 * * *', timezone: UTC, nice: 4}")
        #expect(clockwork.starts.map(\.job.options.nice) == [3])
    }

    @Test func aRemovedJobWaitsForNothing() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC, overlap: queue, retries: 3}")
        clockwork.pass(95)
        try clockwork.edit("b: {}")
        _ = clockwork.said()
        clockwork.end(.failure)
        clockwork.pass(3600)
        #expect(clockwork.said() == [])
        #expect(clockwork.scheduler.nextWake == nil)
    }

    @Test func pausesHoldUntilTheyEnd() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z",
            "a: {schedule: '* * * * *', timezone: UTC}\nb: {schedule: '* * * * *', timezone: UTC}")
        let slug = try #require(Slug("a"))
        clockwork.scheduler.pauses.jobs[slug] = Pause(
            since: clockwork.wall, until: clockwork.wall.advanced(bySeconds: 60), uid: 0)
        clockwork.pass(31)
        #expect(clockwork.said() == ["12:00:00 start b due 12:00:00"])
        clockwork.end(.success)
        clockwork.pass(60)
        #expect(clockwork.said() == ["12:01:00 start a due 12:01:00", "12:01:00 start b due 12:01:00"])
    }

    @Test func allOfThem() throws {
        var clockwork = try Clockwork(
            "2026-05-05T11:59:30Z", "a: {schedule: '* * * * *', timezone: UTC}\nb: {schedule: '@every 30s'}")
        clockwork.scheduler.pauses.all = Pause(since: clockwork.wall, uid: 0)
        clockwork.pass(300)
        #expect(clockwork.said() == [])
        clockwork.scheduler.pauses.all = nil
        clockwork.scheduler.isDraining = true
        clockwork.pass(300)
        #expect(clockwork.said() == [])
        clockwork.scheduler.isDraining = false
        clockwork.pass(60)
        #expect(clockwork.starts.count == 2)
    }

    @Test func byHandPauseAndEnabledDoNotCount() throws {
        var clockwork = try Clockwork("2026-05-05T12:00:00Z", "a: {enabled: false, retries: 3}")
        let slug = try #require(Slug("a"))
        clockwork.scheduler.pauses.all = Pause(since: clockwork.wall, uid: 0)
        let first = clockwork.scheduler.startByHand(slug, at: clockwork.wall)
        let start = try #require(first)
        #expect(start.mark.reason == .hand)
        let second = clockwork.scheduler.startByHand(slug, at: clockwork.wall)
        #expect(second == nil)
        clockwork.take(clockwork.scheduler.ended(start.run, of: slug, start.mark, .failure, at: clockwork.reading))
        clockwork.pass(3600)
        #expect(clockwork.said() == [])
        let third = clockwork.scheduler.startByHand(slug, at: clockwork.wall)
        #expect(third != nil)
    }

    @Test func whatIsRefusedStays() throws {
        let old = try Clockwork.load("a: {}\nb: {}\nc: {}")
        let other = try Clockwork.load("a: {nice: 1}\nd: {}")
        var loaded = LoadedJobs()
        loaded.jobs = other
        loaded.refused = [old[1].slug: .init(file: "f", message: "wrong")]
        let changes = JobChanges(from: old, to: loaded)
        #expect(changes.changed.map(\.text) == ["a"] && changes.added.map(\.text) == ["d"])
        #expect(changes.kept.map(\.text) == ["b"] && changes.removed.map(\.text) == ["c"])
        #expect(changes.jobs.map(\.slug.text) == ["a", "b", "d"])
        loaded.refused = [:]
        loaded.unread = ["f"]
        #expect(JobChanges(from: old, to: loaded).removed == [])
    }

    @Test func pausesOutliveTheDaemon() throws {
        var pauses = Pauses()
        let slug = try #require(Slug("a"))
        pauses.all = Pause(since: Instant(seconds: 5), reason: "why", uid: 7)
        pauses.jobs[slug] = Pause(since: Instant(seconds: 5), until: Instant(seconds: 9), uid: 0)
        #expect(Pauses(json: pauses.json) == pauses)
        #expect(Pauses(json: ["v": 2, "jobs": .object([])]) == nil)
        #expect(pauses.pause(of: slug, at: Instant(seconds: 9))?.uid == 7)
        pauses.all = nil
        #expect(pauses.pause(of: slug, at: Instant(seconds: 8)) != nil)
        #expect(pauses.pause(of: slug, at: Instant(seconds: 9)) == nil)
    }
}
