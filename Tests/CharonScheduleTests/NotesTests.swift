import CharonCore
import CharonSchedule
import Testing

@Suite struct NotesTests {
    /// Europe/Paris 2026: 02:00 to 03:00 does not exist on 29 March and comes twice on 25 October.
    ///
    /// Pacific/Apia 2011: 30 December does not exist.
    @Test(
        arguments: [
            (
                "30 2 * * *", "Europe/Paris",
                [
                    "02:30 does not exist on 2026-03-29: runs at 03:00",
                    "02:30 comes twice on 2026-10-25: runs the first time only",
                ]
            ),
            (
                "0,30 2 * * *", "Europe/Paris",
                [
                    "02:00 and 02:30 do not exist on 2026-03-29: one run at 03:00",
                    "02:00 and 02:30 come twice on 2026-10-25: runs the first time only",
                ]
            ),
            (
                "5-59/5 2 * * *", "Europe/Paris",
                [
                    "11 times from 02:05 to 02:55 do not exist on 2026-03-29: one run at 03:00",
                    "11 times from 02:05 to 02:55 come twice on 2026-10-25: runs the first time only",
                ]
            ),
            (
                "*/30 2 * * *", "Europe/Paris",
                [
                    "02:00 and 02:30 do not exist on 2026-03-29: left out",
                    "02:00 and 02:30 come twice on 2026-10-25: runs both times",
                ]
            ),
            (
                "15 30 2 * * *", "Europe/Paris",
                [
                    "02:30:15 does not exist on 2026-03-29: runs at 03:00",
                    "02:30:15 comes twice on 2026-10-25: runs the first time only",
                ]
            ),
            ("0 3 * * *", "Europe/Paris", []), ("0 1 * * *", "Europe/Paris", []), ("30 2 * * *", "UTC", []),
            ("@every 1h", "Europe/Paris", []), ("@reboot", "Europe/Paris", []),
            ("15 2 * * *", "Australia/Lord_Howe", ["02:15 does not exist on 2026-10-04: runs at 02:30"]),
        ] as [(String, String, [String])])
    func says(_ text: String, _ zone: String, _ notes: [String]) throws {
        let (start, end) = (try Fixture.seconds("2026-01-01T00:00:00Z"), try Fixture.seconds("2027-01-01T00:00:00Z"))
        let found = try Schedule(text, seed: 1).notes(
            from: Instant(seconds: start), to: Instant(seconds: end), in: try Fixture.zone(zone))
        #expect(found == notes)
    }

    @Test func saysWhatACorrectionLosesForGood() throws {
        let (start, end) = (try Fixture.seconds("2011-12-01T00:00:00Z"), try Fixture.seconds("2012-01-01T00:00:00Z"))
        let found = try Schedule("0 12 * * *", seed: 1).notes(
            from: Instant(seconds: start), to: Instant(seconds: end), in: try Fixture.zone("Pacific/Apia"))
        #expect(found == ["12:00 does not exist on 2011-12-30: left out: the clocks change by more than 3 hours"])
    }
}

@Suite struct InstantISOTests {
    /// Europe/Paris: +01:00 in winter, +02:00 in summer.
    @Test(
        arguments: [
            ("2026-01-31T04:05:06Z", "2026-01-31T04:05:06Z"), ("2026-01-31T04:05:06+01:00", "2026-01-31T03:05:06Z"),
            ("2026-01-31T04:05:06-0330", "2026-01-31T07:35:06Z"), ("2026-01-31T04:05+02", "2026-01-31T02:05:00Z"),
            ("2026-01-31 04:05:06", "2026-01-31T03:05:06Z"), ("2026-07-01T04:05", "2026-07-01T02:05:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"), ("2026-01-31T04:05:06.5Z", "2026-01-31T04:05:06Z"),
            ("1911-03-11T00:00:00+00:09:21", "1911-03-10T23:50:39Z"),
            // Around the changes of 2026-03-29 01:00Z and 2026-10-25 01:00Z.
            ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"), ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"), ("2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"), ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ] as [(String, String)])
    func reads(_ text: String, _ utc: String) throws {
        let instant = try #require(Instant(iso8601: text, in: try Fixture.zone("Europe/Paris")))
        #expect(instant.rfc3339.prefix(19) == utc.prefix(19))
    }

    @Test(arguments: [
        "", "now", "2026", "2026-01", "2026-01-32", "2026-02-29", "2026-01-31T", "2026-01-31T04", "2026-01-31T25:00",
        "2026-01-31T04:05:06+1", "2026-01-31T04:05:06+01:0", "2026-01-31T04:05:06 +01:00", "2026-01-31X04:05:06",
        "2026-01-31T04:05:06é", "20260131T040506Z", "2026-01-31T04:05:06ZZ", "2026-01-31T04:05:06+ab:cd",
    ])
    func refuses(_ text: String) throws {
        #expect(Instant(iso8601: text, in: .utc) == nil)
    }

    @Test(
        arguments: [
            ("Europe/Paris", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"),
            ("America/New_York", "2026-07-01T00:00:00Z", "2026-06-30T20:00:00-04:00"),
            ("Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-07-01T10:30:00+10:30"),
            ("Europe/Paris", "1900-01-01T00:00:00Z", "1900-01-01T00:09:21+00:09:21"),
        ] as [(String, String, String)])
    func writes(_ zone: String, _ time: String, _ text: String) throws {
        #expect(Instant(seconds: try Fixture.seconds(time)).text(in: try Fixture.zone(zone)) == text)
    }
}

@Suite struct HostSeedTests {
    @Test func theMachineIDTellsHostsApart() {
        let directory = TemporaryDirectory()
        directory.write("machine-id", Array("0123456789abcdef0123456789abcdef\n".utf8))
        #expect(Seed.host(machineID: "\(directory.path)/machine-id") == "0123456789abcdef0123456789abcdef")
        directory.write("empty", [])
        let name = Seed.host(machineID: "\(directory.path)/empty")
        #expect(!name.isEmpty)
        #expect(Seed.host(machineID: "/nowhere") == name)
    }
}
