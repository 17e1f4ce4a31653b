import CharonCore
import CharonSchedule
import Testing

@Suite struct ScheduleTests {
    /// The canonical text says what was read; read back it is the same schedule.
    @Test(
        arguments: [
            // crontab(5) of Debian: its own examples and what its parser takes.
            ("5 0 * * *", "5 0 * * *"), ("15 14 1 * *", "15 14 1 * *"), ("0 22 * * 1-5", "0 22 * * 1-5"),
            ("23 0-23/2 * * *", "23 0-22/2 * * *"), ("5 4 * * sun", "5 4 * * 0"),
            ("0 0,12 1 */2 *", "0 0,12 1 1-11/2 *"), ("0 4 8-14 * *", "0 4 8-14 * *"),
            ("* * * * *", "* * * * *"), ("*/5 * * * *", "*/5 * * * *"), ("  1\t2  3 4 5 ", "1 2 3 4 5"),
            ("00 03 01 01 *", "0 3 1 1 *"), ("1-30/7 * * * *", "1-29/7 * * * *"),
            ("0-59 0-23 1-31 1-12 0-7", "0-59 0-23 1-31 * 0-6"), ("*/100 * * * *", "*/60 * * * *"),
            ("1,2,5,9 * * * *", "1,2,5,9 * * * *"), ("0-4,8-12 * * * *", "0-4,8-12 * * * *"),
            ("*/20,5 * * * *", "*/20,5 * * * *"), ("5,*/20 * * * *", "0,5,20,40 * * * *"),
            ("0 0 * jan-mar,DEC *", "0 0 * 1-3,12 *"), ("0 0 * * Mon-fri", "0 0 * * 1-5"),
            ("0 0 * * 7", "0 0 * * 0"), ("0 0 * * 5-7", "0 0 * * 0,5,6"), ("0 0 * * fri-sun", "0 0 * * 0,5,6"),
            ("0 0 * * sun-tue", "0 0 * * 0-2"), ("0 0 * * 1-7/2", "0 0 * * 0,1,3,5"), ("0 0 * * */2", "0 0 * * */2"),
            ("0 0 * * */7", "0 0 * * */7"), ("0 0 */2 * Sun", "0 0 */2 * 0"), ("0 0 1,15 * 5", "0 0 1,15 * 5"),
            // Names.
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@reboot", "@reboot"),
            ("@Daily", "0 0 * * *"), ("@every 90s", "@every 90s"), ("@every 1h30m", "@every 5400s"),
            ("@every 5 min", "@every 300s"), ("@every 90", "@every 90s"),
            // Seconds first.
            ("30 5 4 * * *", "30 5 4 * * *"), ("*/10 * * * * *", "*/10 * * * * *"), ("0 0 3 * * *", "0 0 3 * * *"),
            // Others' additions.
            ("0 0 L * *", "0 0 L * *"), ("0 0 lw * *", "0 0 LW * *"), ("0 0 1,L * *", "0 0 1,L * *"),
            ("0 0 15W * *", "0 0 15W * *"), ("0 0 1w,15w * *", "0 0 1W,15W * *"), ("0 0 * * FRI#2", "0 0 * * 5#2"),
            ("0 0 * * 7#1,1#3", "0 0 * * 0#1,1#3"), ("0 0 * * 5L", "0 0 * * 5L"), ("0 0 * * friL", "0 0 * * 5L"),
            ("0 0 * * 1,5L", "0 0 * * 1,5L"),
            // Zones.
            ("CRON_TZ=Europe/Riga 0 3 * * *", "CRON_TZ=Europe/Riga 0 3 * * *"),
            ("TZ=UTC @daily", "CRON_TZ=UTC 0 0 * * *"),
            ("CRON_TZ=Etc/GMT+5 @every 1h", "CRON_TZ=Etc/GMT+5 @every 3600s"),
        ] as [(String, String)])
    func reads(_ text: String, _ canonical: String) throws {
        let schedule = try Schedule(text, seed: 1)
        #expect(schedule.description == canonical)
        #expect(try Schedule(canonical, seed: 2) == schedule)
    }

    @Test(
        arguments: [
            ("", 1, "missing"), ("   ", 4, "missing"), ("* * * *", 8, "these are 4 fields"),
            ("5", 2, "this is one field"),
            ("0 3 * * * root /bin/true", 16, "7 fields"), ("60 * * * *", 1, "60 is no minute: 0 to 59"),
            ("* 24 * * *", 3, "24 is no hour: 0 to 23"), ("* * 0 * *", 5, "0 is no day of the month: 1 to 31"),
            ("* * 32 * *", 5, "32 is no day"), ("* * * 0 *", 7, "0 is no month: 1 to 12 or JAN to DEC"),
            ("* * * 13 *", 7, "13 is no month"), ("* * * * 8", 9, "8 is no day of the week: 0 to 7"),
            ("* * * foo *", 7, "'FOO' is no month"), ("* * * * monday", 9, "'MONDAY' is no day of the week"),
            ("5/15 * * * *", 2, "a step needs a range before it: */N, or 5-59/N"),
            ("*/0 * * * *", 3, "a number from 1 on"),
            ("*/ * * * *", 3, "a number from 1 on"), ("*/x * * * *", 3, "a number from 1 on"),
            ("20-10 * * * *", 1, "write 20-59,0-10"), ("0 22-5 * * *", 3, "write 22-23,0-5"),
            ("0 0 * * 5-1", 9, "write 5-6,0-1"), ("1,, * * * *", 3, "missing"), ("1, * * * *", 3, "missing"),
            (",1 * * * *", 1, "missing"), ("1- * * * *", 3, "missing"), ("-1 * * * *", 1, "missing"),
            ("*5 * * * *", 2, "'5' does not belong here"), ("1.5 * * * *", 2, "'.' does not belong"),
            ("é * * * *", 1, "missing"), ("5é * * * *", 2, "does not belong"), ("1-5-9 * * * *", 4, "does not belong"),
            ("99999999999999999999 * * * *", 1, "is no minute"), ("* * * * FRI#6", 13, "1 to 5"),
            ("* * * * FRI#0", 13, "1 to 5"), ("* * * * L", 9, "as in 5L"), ("* * * * 9L", 9, "9 is no day"),
            ("* * 32W * *", 5, "32 is no day"), ("* * L-3 * *", 6, "no range"), ("* L * * *", 3, "'L' is no hour"),
            ("* * L/2 * *", 6, "no step"), ("* 15W * * *", 3, "'15W' is no hour"),
            ("* * * * 5#2-6", 12, "does not belong"),
            ("H(0-70) * * * *", 5, "70 is no minute"), ("H(5) * * * *", 4, "as in H(0-29)"),
            ("H(0-29 * * * *", 7, ") of H( is missing"), ("20~10 * * * *", 1, "20~10"), ("~70 * * * *", 2, "70 is no"),
            // Dates that no year has.
            ("30 2 30 2 *", 6, "no year has such a day"), ("0 0 31 2,4 *", 5, "day of the month '31', month '2,4'"),
            ("0 0 31 4,6,9,11 *", 5, "no year"), ("0 0 30W 2 *", 5, "no year"), ("0 0 */30 2 1#2", 5, "no year"),
            ("1 2 3 30-31 2 *", 7, "no year"),
            // Names.
            ("@noon", 1, "'@noon' is not known"), ("@daily 5", 8, "nothing may follow @daily"),
            ("@every", 7, "comes a time"),
            ("@every soon", 8, "no time"), ("@every 0s", 8, "1s to 366d"), ("@every 1500ms", 8, "whole seconds"),
            ("@every 1000d", 8, "1s to 366d"), ("@ daily", 3, "nothing may follow"),
            // Zones.
            ("CRON_TZ= 0 3 * * *", 9, "'' is no name of a time zone"), ("TZ=../../etc/passwd @daily", 4, "is no name"),
            ("TZ=/etc/localtime @daily", 4, "is no name"), ("CRON_TZ=Europe/Riga", 20, "a schedule is missing"),
            ("TZ=UTC 61 * * * *", 8, "61 is no minute"), ("MAILTO=root 0 3 * * *", 1, "only CRON_TZ="),
        ] as [(String, Int, String)])
    func refuses(_ text: String, _ column: Int, _ message: String) throws {
        let error = #expect(throws: ScheduleError.self) { try Schedule(text, seed: 1) }
        #expect(error?.column == column)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    /// What only looks impossible is read: the other day field may match, and leap years come.
    @Test(arguments: ["0 0 30 2 1", "0 0 29 2 *", "0 0 31 1,2 *", "0 0 * 2 MON#5", "0 0 29 2 MON#5", "0 0 31 * *"])
    func readsWhatIsPossible(_ text: String) {
        #expect(throws: Never.self) { try Schedule(text, seed: 1) }
    }

    @Test func tellsFixedTimesFromWildcards() throws {
        // cron.c of Debian: MIN_STAR or HR_STAR, which @hourly has too.
        for text in [
            "0 3 * * *", "0-59/5 3 * * *", "0 0-23 * * *", "@daily", "@monthly", "5,*/20 3 * * *", "0 H 1 1 *",
        ] {
            #expect(try Schedule(text, seed: 1).isFixed, "\(text)")
        }
        for text in ["*/5 3 * * *", "0 */3 * * *", "@hourly", "* 3 * * *", "*/10 0 3 * * *", "@every 1h", "@reboot"] {
            #expect(try !Schedule(text, seed: 1).isFixed, "\(text)")
        }
    }

    @Test func choosesTheSameForASeed() throws {
        for text in ["~ H * * *", "H/15 10~20 H ~ ~", "H(0-29) ~5 20~ * H", "H(0-29)/10 0 * * *", "~ ~ ~ ~ ~ ~"] {
            let first = try Schedule(text, seed: 7)
            #expect(try Schedule(text, seed: 7) == first)
            let others = Set(try (0..<200).map { try Schedule(text, seed: $0) })
            #expect(others.count > 5, "\(text)")
        }
    }

    /// Every value of the range is chosen by some seed, and none outside it.
    @Test(
        arguments: [
            ("H", 0...59), ("~", 0...59), ("10~20", 10...20), ("H(3-7)", 3...7), ("~5", 0...5), ("55~", 55...59),
            ("5~5", 5...5),
        ] as [(String, ClosedRange<Int>)])
    func choosesWithinTheRange(_ field: String, _ range: ClosedRange<Int>) throws {
        let chosen = Set(try (0..<2000).map { try Schedule("\(field) * * * *", seed: $0).description })
        #expect(chosen == Set(range.map { "\($0) * * * *" }))
    }

    @Test func spreadsSteps() throws {
        let fifteen = Set(try (0..<500).map { try Schedule("H/15 * * * *", seed: $0).description })
        #expect(fifteen == Set((0..<15).map { "\($0)-\($0 + 45)/15 * * * *" }))
        let ten = Set(try (0..<500).map { try Schedule("H(0-29)/10 * * * *", seed: $0).description })
        #expect(ten == Set((0..<10).map { "\($0)-\($0 + 20)/10 * * * *" }))
    }

    /// Each month has the day that is chosen for it.
    @Test func choosesADayThatEachMonthHas() throws {
        for field in ["H", "~"] {
            let days = Set(try (0..<1000).map { try Schedule("0 0 \(field) * *", seed: $0).description })
            #expect(days == Set((1...28).map { "0 0 \($0) * *" }))
        }
    }

    @Test func twoFieldsChooseApart() throws {
        let equal = try (0..<600).count { seed in
            let fields = try Schedule("~ ~ * * * *", seed: UInt64(seed)).description.split(separator: " ")
            return fields[0] == fields[1]
        }
        #expect(equal < 60)
    }

    @Test func seedsDifferByEachName() {
        #expect(Seed.of("a", "b") == Seed.of("a", "b"))
        #expect(Set([Seed.of("a", "b"), Seed.of("ab"), Seed.of("ab", ""), Seed.of("b", "a")]).count == 4)
    }

    /// Ten thousand jobs are kept in memory.
    @Test func isSmall() {
        #expect(MemoryLayout<Schedule>.size <= 80)
    }

    /// Whatever the text is, it is read or refused at one of its columns.
    @Test func survivesAnyText() {
        var random = SystemRandomNumberGenerator()
        let pieces = "0 1 5 59 60 * / - , ~ H ( ) # L W LW FRI jan @every @daily TZ= é 999999999999999999999".split(
            separator: " ")
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...14, using: &random)).map { _ in
                pieces.randomElement(using: &random).map(String.init).map { Bool.random() ? $0 + " " : $0 } ?? ""
            }.joined()
            do {
                let schedule = try Schedule(text, seed: 3)
                #expect(try Schedule(schedule.description, seed: 4) == schedule, "\(text)")
            } catch {
                #expect((1...text.unicodeScalars.count + 1).contains(error.column), "\(text)")
            }
        }
    }
}
