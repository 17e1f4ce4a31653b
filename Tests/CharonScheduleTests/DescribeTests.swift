import CharonSchedule
import Testing

@Suite struct DescribeTests {
    @Test(
        arguments: [
            ("* * * * *", "every minute"), ("*/5 * * * *", "every 5 minutes"), ("0-59/5 * * * *", "every 5 minutes"),
            ("*/7 * * * *", "at minutes 0 to 56 by steps of 7 of every hour"),
            ("0 * * * *", "every hour"), ("15 * * * *", "at minute 15 of every hour"),
            ("5,10,15 * * * *", "at minutes 5, 10 and 15 of every hour"), ("0,30 * * * *", "every 30 minutes"),
            ("0-10 * * * *", "at minutes 0 to 10 of every hour"),
            ("10-15,40 * * * *", "at minutes 10 to 15 and 40 of every hour"),
            ("0 */2 * * *", "every 2 hours"), ("30 */2 * * *", "at minute 30 of every 2nd hour from 00:00 on"),
            ("*/15 */6 * * *", "every 15 minutes of every 6th hour from 00:00 on"),
            ("0 */5 * * *", "at 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
            ("*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:59"),
            ("* 3 * * *", "every minute from 03:00 to 03:59"),
            ("30 9-17 * * 1-5", "at minute 30 of the hours 9 to 17 on Monday to Friday"),
            ("*/10 1,13 * * *", "every 10 minutes of the hours 1 and 13"),
            ("15 3 * * *", "at 03:15 every day"), ("15 3 * * 1-5", "at 03:15 on Monday to Friday"),
            ("0 0,12 * * *", "at 00:00 and 12:00 every day"), ("0,30 3 * * *", "at 03:00 and 03:30 every day"),
            ("0 3 * * 0", "at 03:00 on Sunday"), ("0 3 * * 7", "at 03:00 on Sunday"),
            ("0 3 * * 1,3,5", "at 03:00 on Monday, Wednesday and Friday"),
            ("0 3 * * 5-7", "at 03:00 on Friday to Sunday"), ("0 3 * * 6,0", "at 03:00 on Saturday and Sunday"),
            ("0 3 * * 0-2", "at 03:00 on Sunday to Tuesday"), ("0 3 * * 0-7", "at 03:00 every day"),
            ("0 3 1 * *", "at 03:00 on day 1 of the month"), ("0 3 1,15 * *", "at 03:00 on days 1 and 15 of the month"),
            ("0 3 1-7 * *", "at 03:00 on days 1 to 7 of the month"),
            ("0 3 */2 * *", "at 03:00 on days 1 to 31 by steps of 2 of the month"),
            ("0 3 13 * 5", "at 03:00 on day 13 of the month and on Friday"),
            ("0 3 */13 * 1,5", "at 03:00 on days 1, 14 and 27 of the month, only if it is Monday or Friday"),
            ("0 0 1-31 * 5", "at 00:00 every day"), ("0 0 1-31 5 5", "at 00:00 every day in May"),
            ("0 3 1 1 *", "at 03:00 on 1 January"), ("0 3 1,15 5 *", "at 03:00 on 1 and 15 May"),
            ("0 3 * 6-8 *", "at 03:00 every day in June to August"),
            ("0 3 1 */3 *", "at 03:00 on day 1 of the month in January, April, July and October"),
            ("*/5 * * 12 *", "every 5 minutes every day in December"), ("0 3 * 2 1", "at 03:00 on Monday in February"),
            ("0 3 L * *", "at 03:00 on the last day of the month"),
            ("0 3 LW * *", "at 03:00 on the last weekday of the month"),
            ("0 3 15W * *", "at 03:00 on the weekday nearest to day 15 of the month"),
            ("0 3 1,L * *", "at 03:00 on day 1 and the last day of the month"),
            ("0 3 L 2 *", "at 03:00 on the last day of the month in February"),
            ("0 3 * * FRI#2", "at 03:00 on the 2nd Friday of the month"),
            ("0 3 * * 5L", "at 03:00 on the last Friday of the month"),
            ("0 3 * * 1,5#3", "at 03:00 on Monday and the 3rd Friday of the month"),
            ("* * * * * *", "every second"), ("*/10 * * * * *", "every 10 seconds"),
            ("30 15 3 * * *", "at 03:15:30 every day"),
            ("0 15 3 * * *", "at 03:15 every day"), ("*/20 30 2 * * *", "at 02:30:00, 02:30:20 and 02:30:40 every day"),
            ("15 * * * * *", "at second 15 of every minute"),
            ("*/5 0 * * * *", "every 5 seconds, at minute 0 of every hour"),
            ("*/10 * 9-17 * * *", "every 10 seconds from 09:00 to 17:59"),
            ("@hourly", "every hour"), ("@daily", "at 00:00 every day"), ("@weekly", "at 00:00 on Sunday"),
            ("@monthly", "at 00:00 on day 1 of the month"), ("@yearly", "at 00:00 on 1 January"),
            ("@reboot", "once after each boot"),
            ("@every 90s", "every 1 min 30 s, counted from the last start"),
            ("CRON_TZ=Europe/Riga 0 3 * * *", "at 03:00 every day, by the clocks of Europe/Riga"),
        ] as [(String, String)])
    func says(_ text: String, _ words: String) throws {
        #expect(try Schedule(text, seed: 1).describe() == words)
    }
}
