import CharonCore
import CharonSchedule
import Testing

/// The clocks of a host, moved by hand.
struct TestClock {
    var wall: Int64
    var boot: Int64 = 5_000

    init(_ text: String) throws { wall = try Fixture.seconds(text) }

    var reading: ClockReading { ClockReading(wall: Instant(seconds: wall), boot: boot * 1_000_000_000) }

    /// Lets time go by.
    mutating func pass(_ seconds: Int64) -> ClockReading {
        wall += seconds
        boot += seconds
        return reading
    }

    /// Sets the wall clock.
    mutating func step(_ seconds: Int64) -> ClockReading {
        wall += seconds
        return reading
    }
}

@Suite struct ClockJumpTests {
    /// The boundaries of cron.c's table.
    @Test(
        arguments: [
            (1, .none), (2, .slight), (5, .slight), (6, .forward), (180, .forward), (181, .correction),
            (0, .back), (-1, .back), (-179, .back), (-180, .correction), (-181, .correction), (525_600, .correction),
        ] as [(Int64, ClockJump)])
    func followsTheTable(_ minutes: Int64, _ jump: ClockJump) {
        #expect(ClockJump(minutes: minutes) == jump)
    }

    /// The same boundaries by the clocks: all minutes up to 12:00 have run, then the clock is set.
    ///
    /// The fixed schedule has each tenth minute, the other one each.
    @Test(
        arguments: [
            // (step in minutes after one second, row, how many fixed slots run, how many of the others)
            (1, .none, 0, 1), (2, .slight, 0, 2), (5, .slight, 0, 5), (6, .forward, 0, 1), (10, .forward, 1, 1),
            (60, .forward, 6, 1), (180, .forward, 18, 1), (181, .correction, 0, 1), (190, .correction, 1, 1),
            (-1, .back, 0, 1), (-10, .back, 0, 1), (-179, .back, 0, 1), (-180, .correction, 1, 1),
            (-181, .correction, 0, 1),
        ] as [(Int64, ClockJump, Int, Int)])
    func classifiesSteps(_ minutes: Int64, _ jump: ClockJump, _ fixed: Int, _ wild: Int) throws {
        var clock = try TestClock("2026-05-05T12:00:00Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        _ = virtual.wake(at: clock.pass(1), in: .utc)
        let wakeup = virtual.wake(at: clock.step(minutes * 60), in: .utc)
        #expect(wakeup.kind == .stepped(jump, seconds: minutes * 60))
        let ten = try Schedule("0,10,20,30,40,50 0-23 * * *", seed: 1)
        let every = try Schedule("* * * * *", seed: 1)
        #expect(wakeup.due(ten).run?.nominal.count ?? 0 == fixed)
        #expect(wakeup.due(every).run?.nominal.count ?? 0 == wild)
        #expect(wakeup.due(ten).missed.isEmpty)
        #expect(wakeup.due(every).missed.isEmpty)
    }

    @Test func namesTheTimesItMakesUpFor() throws {
        var clock = try TestClock("2026-05-05T02:00:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let wakeup = virtual.wake(at: clock.step(3600), in: .utc)
        let run = try #require(wakeup.due(try Schedule("15,45 2 * * *", seed: 1)).run)
        #expect(run.nominal.map(\.description) == ["2026-05-05T02:15:00", "2026-05-05T02:45:00"])
        #expect(run.instant.text(in: .utc) == "2026-05-05T03:00:30+00:00")
        #expect(wakeup.due(try Schedule("0 3 * * *", seed: 1)).run?.nominal.count == 1)
        #expect(wakeup.due(try Schedule("0 */3 * * *", seed: 1)).run?.nominal.count == 1)
        #expect(wakeup.due(try Schedule("*/15 2 * * *", seed: 1)).run == nil)
    }

    /// After a step back fixed times wait for the clock to catch up; then all goes on, and nothing ran twice.
    @Test func fixedTimesWaitAfterAStepBack() throws {
        var clock = try TestClock("2026-05-05T03:29:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let schedule = try Schedule("0,30 0-23 * * *", seed: 1)
        var runs: [String] = []
        _ = virtual.wake(at: clock.pass(60), in: .utc).due(schedule).run.map { runs.append($0.instant.text(in: .utc)) }
        _ = virtual.wake(at: clock.step(-3600), in: .utc).due(schedule).run.map {
            runs.append($0.instant.text(in: .utc))
        }
        for _ in 0..<120 {
            let wakeup = virtual.wake(at: clock.pass(60), in: .utc)
            #expect(wakeup.kind == .onTime)
            _ = wakeup.due(schedule).run.map { runs.append($0.nominal[0].description) }
        }
        #expect(runs == ["2026-05-05T03:30:30+00:00", "2026-05-05T04:00:00", "2026-05-05T04:30:00"])
    }

    /// Two steps within an hour, the second one while fixed times still wait.
    @Test func aJumpDuringAnother() throws {
        var clock = try TestClock("2026-05-05T03:00:10Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let fixed = try Schedule("0-59/10 0-23 * * *", seed: 1)
        #expect(virtual.wake(at: clock.step(-3600), in: .utc).due(fixed).run == nil)
        #expect(virtual.wake(at: clock.pass(600), in: .utc).due(fixed).run == nil)
        // 02:10:10 becomes 02:50:10: still behind.
        let second = virtual.wake(at: clock.step(2400), in: .utc)
        #expect(second.kind == .stepped(.back, seconds: 2400))
        #expect(second.due(fixed).run == nil)
        // 02:50:10 becomes 03:20:10: twenty minutes ahead of what has run.
        let third = virtual.wake(at: clock.step(1800), in: .utc)
        #expect(third.kind == .stepped(.forward, seconds: 1800))
        #expect(third.due(fixed).run?.nominal.map(\.description) == ["2026-05-05T03:10:00", "2026-05-05T03:20:00"])
        // And forward twice in a row.
        #expect(virtual.wake(at: clock.step(3600), in: .utc).due(fixed).run?.nominal.count == 6)
        #expect(virtual.wake(at: clock.step(1200), in: .utc).due(fixed).run?.nominal.count == 2)
        #expect(virtual.wake(at: clock.pass(1), in: .utc).due(fixed).run == nil)
    }

    /// Steps of less than a minute are no jumps: nothing runs twice and nothing is left out.
    @Test(arguments: [-59, -5, 5, 59] as [Int64])
    func smallStepsAreNone(_ seconds: Int64) throws {
        var clock = try TestClock("2026-05-05T11:59:58Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        var nominal: [LocalTime] = []
        let schedule = try Schedule("* * * * *", seed: 1)
        for second in 0..<300 {
            let reading = second == 4 ? clock.step(seconds) : clock.pass(1)
            let wakeup = virtual.wake(at: reading, in: .utc)
            #expect(wakeup.kind == .onTime)
            nominal += wakeup.due(schedule).run?.nominal ?? []
        }
        #expect(nominal.count == Set(nominal).count)
        #expect(nominal.count == Int(clock.wall / 60 - (try Fixture.seconds("2026-05-05T11:59:00Z")) / 60))
    }

    /// Many small steps back are a large one in the end.
    @Test func smallStepsBackAddUp() throws {
        var clock = try TestClock("2026-05-05T12:00:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        var kinds: [Wakeup.Kind] = []
        for _ in 0..<3 { kinds.append(virtual.wake(at: clock.step(-40), in: .utc).kind) }
        #expect(kinds == [.onTime, .stepped(.back, seconds: -40), .onTime])
    }
}
