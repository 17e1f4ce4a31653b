import CharonCore
import CharonJobs
import Testing

@Suite struct SettingsTests {
    private static let users = UserTable(passwd: "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n")

    private func parse(_ text: String) throws -> Settings {
        try Settings.parse(text: text, file: "charon.yaml", users: Self.users)
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "{}", "applications:\nwrapped: ~\nkeep: null\n"])
    func anEmptyFileHasTheDefaults(_ text: String) throws {
        let settings = try parse(text)
        #expect(settings == Settings())
        #expect(settings.applications.isEmpty)
        #expect(settings.defaultApplication == nil)
        #expect(settings.state == "/var/lib/charon")
        #expect(settings.socket == "/run/charon/charond.sock")
        #expect(settings.whenUnreachable == .last)
        #expect(settings.whenUnregistered == .run)
        #expect(settings.whenUncertain == .again)
        #expect(settings.messageBytes == 4096)
        #expect(settings.delivery.messagesPerSecond == 5)
        #expect(settings.delivery.burst == 50)
        #expect(settings.delivery.joinedBytes == 16_384)
        #expect(settings.delivery.maxMessages == 2_000)
        #expect(settings.delivery.maxBytes == 4_194_304)
        #expect(settings.keep.runs == 50)
        #expect(settings.keep.age == TimeSpan("7d"))
        #expect(settings.diskBudget.bytes == ByteCount("1GiB"))
        #expect(settings.diskBudget.files == 100_000)
        #expect(settings.diskBudget.free == 2)
    }

    @Test func everyFieldIsRead() throws {
        let settings = try parse(
            """
            applications:
              shop:
                url: "https://charon.example/api"
                key_file: /etc/charon/shop.key
                ca_file: /etc/charon/ca.pem
                users: [www-data, 1001]
                pointers: {active: /data/active, cron_id: /data/id, execution_id: /data/execution, message_id: /data/no}
                connections: 32
                messages_per_second: 1000
                burst: 1
              lab:
                url: http://10.0.0.1:8080
                credential: lab.key
                allow_plain_http: true
            default_application: lab
            wrapped: {www-data: ["shop-*", report], 1001: ["*"], "33": [extra]}
            state: /srv/charon
            socket: /srv/charon/sock
            when_unreachable: skip
            when_unknown: skip
            uncertain_start: never
            off_exit_code: 75
            message_bytes: 65536
            delivery:
              messages_per_second: 20
              burst: 100
              joined_bytes: 0
              max_messages: 10000000
              max_bytes: 1073741824
            keep: {runs: 0, for: 1d 12h}
            disk_budget: {bytes: 512 MiB, files: 100, free: 0%}
            """)
        var shop = Settings.Application(
            name: "shop", url: "https://charon.example/api", key: .file("/etc/charon/shop.key"))
        shop.caFile = "/etc/charon/ca.pem"
        shop.users = [33, 1001]
        shop.pointers.active = "/data/active"
        shop.pointers.cronID = "/data/id"
        shop.pointers.executionID = "/data/execution"
        shop.pointers.messageID = "/data/no"
        shop.connections = 32
        shop.messagesPerSecond = 1000
        shop.burst = 1
        var lab = Settings.Application(name: "lab", url: "http://10.0.0.1:8080", key: .credential("lab.key"))
        lab.allowPlainHTTP = true
        #expect(settings.applications == ["shop": shop, "lab": lab])
        #expect((lab.connections, lab.messagesPerSecond, lab.burst) == (8, 50, 50))
        #expect(settings.defaultApplication == "lab")
        #expect(settings.applicationOfUser == [33: "shop", 1001: "shop"])
        #expect(settings.wrapped[33]?.map(\.text) == ["shop-*", "report", "extra"])
        #expect(settings.wrapped[1001]?.map(\.text) == ["*"])
        #expect(settings.wrapped.count == 2)
        #expect(settings.state == "/srv/charon")
        #expect(settings.socket == "/srv/charon/sock")
        #expect(settings.whenUnreachable == .skip)
        #expect(settings.whenUnregistered == .skip)
        #expect(settings.whenUncertain == .never)
        #expect(settings.offExitCode == 75)
        #expect(settings.messageBytes == 65_536)
        #expect(settings.delivery.messagesPerSecond == 20)
        #expect(settings.delivery.burst == 100)
        #expect(settings.delivery.joinedBytes == 0)
        #expect(settings.delivery.maxMessages == 10_000_000)
        #expect(settings.delivery.maxBytes == 1 << 30)
        #expect(settings.keep.runs == 0)
        #expect(settings.keep.age == TimeSpan("36h"))
        #expect(settings.diskBudget.bytes == ByteCount("512M"))
        #expect(settings.diskBudget.files == 100)
        #expect(settings.diskBudget.free == 0)
    }

    /// YAML's own readings of plain words must not turn a name into something else.
    @Test func namesAreText() throws {
        let settings = try parse(
            """
            applications: {no: {url: "https://a.example", credential: 0123}}
            wrapped: {0: [on, 1.0, 2001-01-01]}
            """)
        #expect(settings.applications["no"]?.key == .credential("0123"))
        #expect(settings.defaultApplication == "no")
        #expect(settings.wrapped[0]?.map(\.text) == ["on", "1.0", "2001-01-01"])
    }

    @Test(arguments: [
        ("{a: A}", nil, "a"), ("{default: A, b: A}", nil, "default"), ("{a: A, default: A}", "a", "a"),
        ("{a: A, b: A}", "b", "b"), ("{default: A}", "default", "default"),
    ])
    func theDefaultApplicationIsFound(_ applications: String, _ named: String?, _ expected: String) throws {
        let text = "applications: " + applications.replacing("A", with: "{url: \"https://a.example\", credential: key}")
        let settings = try parse(text + (named.map { "\ndefault_application: \($0)" } ?? ""))
        #expect(settings.defaultApplication == expected)
    }

    @Test func anchorsMayShareValues() throws {
        let settings = try parse("wrapped: {root: &mine [\"shop-*\"], www-data: *mine}")
        #expect(settings.wrapped[0] == settings.wrapped[33])
    }

    @Test func otherModulesMayDemandMore() throws {
        let checks = Settings.Checks(
            url: { text, plain in text == "https://good.example" || plain ? nil : "is not good" },
            pointer: { text in text == "/good" ? nil : "points nowhere" })
        let good = "applications: {a: {url: \"https://good.example\", credential: k, pointers: {active: /good}}}"
        _ = try Settings.parse(text: good, file: "f", checks: checks)
        let bad = """
            applications:
              a: {url: "https://user:secret@bad.example", credential: k, pointers: {active: "/bad"}}
              b: {url: "http://plain.example", credential: k, allow_plain_http: true}
            default_application: a
            """
        let error = #expect(throws: SettingsError.self) {
            try Settings.parse(text: bad, file: "f", checks: checks)
        }
        #expect(error?.description == "f:2:12: \"url\": is not good\nf:2:81: \"active\": points nowhere")
    }

    @Test func theUserTableIsReadLikePasswd() {
        let users = UserTable(
            passwd: "a:x:1:1::/:\nb:x:x:1::/:\n\n#c\na:x:2:2::/:\r\nd:x:4294967294:1::/:\n:x:5:5::/:\ne:x:6")
        #expect(users.names == ["a", "d"])
        #expect(users["a"] == 1)
        #expect(users["d"] == 4_294_967_294)
        #expect(users["b"] == nil)
    }
}
