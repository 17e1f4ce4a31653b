import CharonCore
import CharonJobs
import Testing

/// Files of variables by the rules of systemd.exec(5), and the environment that a command gets.
@Suite struct EnvironmentTests {
    private func parse(_ text: String) -> [EnvironmentVariable]? { try? EnvironmentFile.parse(text.utf8) }

    private func mistake(_ text: String) -> String {
        do {
            _ = try EnvironmentFile.parse(text.utf8)
            return ""
        } catch {
            return "\(error.line): \(error.message)"
        }
    }

    @Test(arguments: [
        ("", []), ("# A=1\n; B=2\n\n  \t\n", []), ("A=1", ["A=1"]), ("  A = 1 \n", ["A=1"]), ("A=\n", ["A="]),
        ("A=1 2  3  \n", ["A=1 2  3"]), ("A=\"1 2 \" \n", ["A=1 2 "]), ("A='1\" 2'\n", ["A=1\" 2"]),
        ("A=\"x\\\"y\\\\z\\$q\\n\"\n", ["A=x\"y\\z$q\\n"]), ("A='x\\y'\n", ["A=x\\y"]),
        ("A=x\\ y\\\"z\n", ["A=x y\"z"]),
        ("A=1\\\n2\nB=3\n", ["A=12", "B=3"]), ("A=\"1\n2\"\n", ["A=1\n2"]), ("A=\"1\\\n2\"\n", ["A=12"]),
        ("# c \\\nA=1\nB=2\n", ["B=2"]), ("A=a=b\n", ["A=a=b"]), ("A=x #y\n", ["A=x #y"]), ("A=1\nA=2\n", ["A=2"]),
        ("A=x\"y z\"'w v'\n", ["A=xy zw v"]), ("A=1\r\nB=2\r\n", ["A=1", "B=2"]), ("\u{FEFF}A=1\n", ["A=1"]),
        ("A=é", ["A=é"]), ("A=1\\", ["A=1"]),
    ])
    func reads(_ text: String, _ expected: [String]) {
        #expect(parse(text)?.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: [
        ("A=1\nsecret\n", "2: the line has no '=': it must be NAME=value, or begin with #"),
        ("export A=1\n", "1: the name of a variable must be letters, digits and _, and no digit at the beginning"),
        ("1A=1\n", "1: the name of a variable must be letters, digits and _, and no digit at the beginning"),
        ("A=1\nB=\"secret\nC=1\n", "2: the quote that begins here does not end"),
        ("A=\0\n", "1: the value of A must be UTF-8 without NUL"),
    ])
    func refuses(_ text: String, _ expected: String) { #expect(mistake(text) == expected) }

    @Test func refusesWhatIsTooLargeOrNoUTF8() {
        #expect(mistake(String(repeating: "#", count: 1 << 20) + "\n").contains("at most 1048576 bytes"))
        #expect(throws: EnvironmentFile.Mistake.self) { try EnvironmentFile.parse([0x41, 0x3D, 0xFF]) }
    }

    @Test(arguments: ["API_TOKEN", "apikey", "Client_Secret", "DB_PASSWORD", "KEY"])
    func secretsAreKnownByTheirNames(_ name: String) {
        let variables = [EnvironmentVariable("A", "1"), EnvironmentVariable(name, "hunter2"), .init("B_KEY", "")]
        #expect(EnvironmentVariable.secrets(among: variables) == [EnvironmentVariable(name, "hunter2")])
        #expect(!EnvironmentVariable("KEYS", "x").isSecret && !EnvironmentVariable("TOKEN_FILE", "x").isSecret)
    }

    @Test func aCommandGetsCronsEnvironmentAndItsOwn() throws {
        let account = Account(name: "www-data", uid: 33, gid: 33, home: "/var/www", shell: "/usr/sbin/nologin")
        func text(_ job: Job, files: [EnvironmentVariable] = [], timeZone: String? = nil) -> [String] {
            job.environment(of: account, files: files, timeZone: timeZone).map { "\($0.name)=\($0.value)" }
        }
        let plain = try JobReading.job(with: "timezone: Europe/Paris")
        let cron = ["HOME=/var/www", "LOGNAME=www-data", "USER=www-data", "SHELL=/bin/sh", "PATH=/usr/bin:/bin"]
        #expect(text(plain) == cron)
        #expect(text(plain, timeZone: "UTC") == cron + ["TZ=UTC"])
        let own = try JobReading.job(with: "environment: {PATH: /opt/bin, B: own}")
        #expect(
            text(own, files: [.init("A", "file"), .init("B", "file")])
                == cron.dropLast() + ["PATH=/opt/bin", "A=file", "B=own"])
    }
}
