import CharonCore
import CharonSchedule
import Testing

@Suite struct WakeupTests {
    private static let everyMinute = "* * * * *"

    @Test func onTime() throws {
        var clock = try TestClock("2026-05-05T11:59:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let schedule = try Schedule("0 12 * * *", seed: 1)
        #expect(virtual.wake(at: clock.pass(29), in: .utc).due(schedule).run == nil)
        let planned = Instant(seconds: clock.wall + 1)
        let wakeup = virtual.wake(at: clock.pass(1), planned: planned, in: .utc)
        #expect(wakeup.kind == .onTime)
        #expect(wakeup.due(schedule).run?.nominal.map(\.description) == ["2026-05-05T12:00:00"])
        #expect(virtual.wake(at: clock.pass(1), in: .utc).due(schedule).run == nil)
    }

    /// The minute in which the daemon starts does not run, and nothing before it.
    @Test(arguments: ["2026-05-05T12:00:00Z", "2026-05-05T12:00:30Z"])
    func theMinuteOfTheStartDoesNotRun(_ start: String) throws {
        var clock = try TestClock(start)
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let schedule = try Schedule(Self.everyMinute, seed: 1)
        #expect(virtual.wake(at: clock.pass(20), in: .utc).due(schedule).run == nil)
        #expect(
            virtual.wake(at: clock.pass(40), in: .utc).due(schedule).run?.nominal.map(\.description) == [
                "2026-05-05T12:01:00"
            ])
    }

    /// 2 to 5 minutes late: Debian runs each minute's jobs, charond makes one run of them.
    @Test(arguments: [2, 3, 4] as [Int64])
    func aLateWakeUpIsOneRun(_ minutes: Int64) throws {
        var clock = try TestClock("2026-05-05T12:00:00Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let planned = Instant(seconds: clock.wall + 60)
        let wakeup = virtual.wake(at: clock.pass(minutes * 60 + 5), planned: planned, in: .utc)
        #expect(wakeup.kind == .late(seconds: minutes * 60 - 55))
        let due = wakeup.due(try Schedule(Self.everyMinute, seed: 1))
        #expect(due.run?.nominal.map(\.description) == (1...minutes).map { "2026-05-05T12:0\($0):00" })
        #expect(due.missed.isEmpty)
    }

    /// A night asleep: CLOCK_BOOTTIME went on, so what is older than the grace is missed and not replayed.
    @Test func sleepIsTheBusinessOfCatchUp() throws {
        var clock = try TestClock("2026-05-05T22:00:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let planned = Instant(seconds: clock.wall + 30)
        let wakeup = virtual.wake(at: clock.pass(8 * 3600), planned: planned, in: .utc)
        #expect(wakeup.kind == .late(seconds: 8 * 3600 - 30))
        let daily = wakeup.due(try Schedule("0 3 * * *", seed: 1))
        #expect(daily.run == nil)
        #expect(daily.missed.map { $0.instant.text(in: .utc) } == ["2026-05-06T03:00:00+00:00"])
        let hourly = wakeup.due(try Schedule("@hourly", seed: 1))
        #expect(hourly.run?.nominal.map(\.description) == ["2026-05-06T06:00:00"])
        #expect(
            hourly.missed.map { $0.instant.text(in: .utc).prefix(16) } == [
                "2026-05-05T23:00", "2026-05-06T00:00", "2026-05-06T01:00", "2026-05-06T02:00", "2026-05-06T03:00",
                "2026-05-06T04:00", "2026-05-06T05:00",
            ])
        #expect(virtual.wake(at: clock.pass(60), in: .utc).due(try Schedule("@hourly", seed: 1)).missed.isEmpty)
    }

    /// Europe/Paris: 02:00+01 becomes 03:00+02 on 2026-03-29, 03:00+02 becomes 02:00+01 on 2026-10-25.
    ///
    /// What a schedule names that is written into a file just behind the gap, within the repeated hour or within its
    /// own minute is not run.
    @Test(arguments: [
        ("2026-03-29T03:00:05+02:00", "30 2 * * *"), ("2026-03-29T03:00:05+02:00", "0-59/10 2 * * *"),
        ("2026-10-25T02:10:00+01:00", "5 2 * * *"), ("2026-10-25T02:10:00+01:00", "30 2 * * *"),
        ("2026-05-05T12:00:20+02:00", "0 12 * * *"), ("2026-05-05T12:00:20+02:00", "59 11 * * *"),
    ])
    func anEditFiresNothing(_ time: String, _ text: String) throws {
        let zone = try Fixture.zone("Europe/Paris")
        var clock = try TestClock(time)
        let edited = clock.wall
        _ = clock.step(-7200)
        var virtual = VirtualClock(at: clock.reading, in: zone)
        while clock.wall < edited { _ = virtual.wake(at: clock.pass(min(20, edited - clock.wall)), in: zone) }
        let schedule = try Schedule(text, seed: 1)
        while clock.wall < edited + 7200 {
            let due = virtual.wake(at: clock.pass(20), in: zone).due(schedule)
            #expect(due.run == nil && due.missed.isEmpty, "\(Instant(seconds: clock.wall).text(in: zone))")
        }
        let next = try #require(schedule.next(after: Instant(seconds: edited), in: zone))
        #expect(next.instant.seconds(since: Instant(seconds: edited)) > 12 * 3600)
    }

    /// Slept and stepped: what passed while asleep is missed, what the step left out is made up for.
    @Test func sleepAndAStep() throws {
        var clock = try TestClock("2026-05-05T01:00:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        _ = clock.pass(3600)
        let wakeup = virtual.wake(at: clock.step(3600), in: .utc)
        #expect(wakeup.kind == .stepped(.forward, seconds: 3600))
        let asleep = wakeup.due(try Schedule("30 1 * * *", seed: 1))
        #expect(asleep.run == nil)
        #expect(asleep.missed.count == 1)
        let stepped = wakeup.due(try Schedule("30 2 * * *", seed: 1))
        #expect(stepped.run?.nominal.count == 1)
        #expect(stepped.missed.isEmpty)
    }

    @Test func missedRunsAreBounded() throws {
        var clock = try TestClock("2000-01-01T00:00:30Z")
        var virtual = VirtualClock(at: clock.reading, in: try Fixture.zone("Europe/Paris"))
        let wakeup = virtual.wake(at: clock.pass(25 * 366 * 86_400), in: try Fixture.zone("Europe/Paris"))
        let due = wakeup.due(try Schedule("* * * * * *", seed: 1))
        #expect(due.missed.count == 1000)
        #expect(due.run?.nominal.count == 300)
        #expect(due.missed.last.map { $0.instant < due.run?.instant ?? $0.instant } == true)
        #expect(wakeup.due(try Schedule("@yearly", seed: 1), limit: 3).missed.count == 3)
    }

    /// Woken each twenty seconds through the changes of a zone, a schedule runs when `next` says.
    @Test(
        arguments: [
            // 03:00 becomes 04:00, 04:00 becomes 03:00; half an hour; midnight.
            ("Europe/Riga", "2021-03-27T23:00:00Z"), ("Europe/Riga", "2021-10-30T22:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-04T13:00:00Z"), ("Australia/Lord_Howe", "2026-10-03T14:00:00Z"),
            ("Asia/Beirut", "2026-03-28T20:00:00Z"), ("Pacific/Apia", "2011-12-30T08:00:00Z"),
        ] as [(String, String)])
    func agreesWithNext(_ name: String, _ start: String) throws {
        let zone = try Fixture.zone(name)
        for text in ["0 3 * * *", "*/20 * * * *", "15,45 0-5 * * *", "0 */3 * * *", "0 0,1,2 * * *", "*/20 * * * * *"] {
            let schedule = try Schedule(text, seed: 1)
            var clock = try TestClock(start)
            var virtual = VirtualClock(at: clock.reading, in: zone)
            var expected = schedule.next(after: clock.reading.wall, in: zone)
            for _ in 0..<6 * 180 {
                let due = virtual.wake(at: clock.pass(20), in: zone).due(schedule)
                #expect(due.missed.isEmpty)
                guard let run = due.run else {
                    #expect(
                        expected.map { clock.reading.wall < $0.instant } ?? true,
                        "\(text) \(clock.reading.wall.text(in: zone))")
                    continue
                }
                #expect(run == expected, "\(text)")
                expected = schedule.next(after: run.instant, in: zone)
            }
        }
    }

    /// The zone's file is replaced and its offset with it, without any change of summer time (Debian #1019716).
    @Test func aNewZoneIsAJump() throws {
        var clock = try TestClock("2026-05-05T02:30:30Z")
        let (old, new) = (try #require(Zone(posix: "AAA0")), try #require(Zone(posix: "AAA-1")))
        var virtual = VirtualClock(at: clock.reading, in: old)
        let forward = virtual.wake(at: clock.pass(1), in: new)
        #expect(forward.kind == .stepped(.forward, seconds: 3600))
        #expect(
            forward.due(try Schedule("0 3 * * *", seed: 1)).run?.nominal.map(\.description) == ["2026-05-05T03:00:00"])
        #expect(virtual.wake(at: clock.pass(1), in: new).kind == .onTime)
        let back = virtual.wake(at: clock.pass(1), in: old)
        #expect(back.kind == .stepped(.back, seconds: -3600))
        #expect(virtual.wake(at: clock.pass(1800), in: old).due(try Schedule("0 3 * * *", seed: 1)).run == nil)
    }

    @Test func intervalsAreNoClocks() throws {
        var clock = try TestClock("2026-05-05T02:30:30Z")
        var virtual = VirtualClock(at: clock.reading, in: .utc)
        let wakeup = virtual.wake(at: clock.step(3600), in: .utc)
        #expect(wakeup.due(try Schedule("@every 1m", seed: 1)) == wakeup.due(try Schedule("@reboot", seed: 1)))
    }
}
