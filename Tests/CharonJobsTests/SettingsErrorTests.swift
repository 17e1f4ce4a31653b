import CharonJobs
import Testing

/// What an operator reads for each mistake, word for word.
@Suite struct SettingsErrorTests {
    private static let key = "url: \"https://a.example\", credential: k"
    private static let slugs = "1 to 100 of A-Z a-z 0-9 . _ - and '*', which stands for any characters, as in shop-*"

    private func problems(_ text: String) -> String {
        let users = UserTable(passwd: "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n")
        do {
            _ = try Settings.parse(text: text, file: "f", users: users)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        // Keys.
        ("stat: /x", "f:1:1: unknown key \"stat\" in the configuration: did you mean \"state\"?"),
        (
            "\n\n  applicatoins: {}",
            "f:3:3: unknown key \"applicatoins\" in the configuration: did you mean \"applications\"?"
        ),
        ("State: /x", "f:1:1: unknown key \"State\" in the configuration: did you mean \"state\"?"),
        ("keep: {days: 3}", "f:1:8: unknown key \"days\" in \"keep\": allowed are runs, for"),
        (
            "state: /x\nstate: /y",
            "f:2:1: the key \"state\" appears more than once: keep one (the first is in line 1)"
        ),
        ("keep: {runs: 1, runs: 2}", "f:1:8: the key \"runs\" appears more than once: keep one"),
        ("? [a]\n: b", "f:1:3: a key of the configuration must be a single value, not a list"),
        ("<<: {state: /x}", "f:1:1: unknown key \"<<\" in the configuration: allowed are \(Self.allKeys)"),
        // Types.
        ("[]", "f:1:1: the configuration must be a mapping (\"key: value\" lines), not a list"),
        ("text", "f:1:1: the configuration must be a mapping (\"key: value\" lines), not a single value"),
        ("keep: 7d", "f:1:7: \"keep\" must be a mapping (\"key: value\" lines), not a single value"),
        ("applications: [shop]", "f:1:15: \"applications\" must be a mapping (\"key: value\" lines), not a list"),
        ("state: [a]", "f:1:8: \"state\" must be a single value: not a list"),
        ("state:", "f:1:7: \"state\" must be a single value: it is empty"),
        ("state: ''", "f:1:8: \"state\" must be a single value: it is empty"),
        ("state: null", "f:1:8: \"state\" must be a single value: it is empty"),
        // Values.
        ("state: lib", "f:1:8: \"state\" must be an absolute path, as in /etc/charon/key, of at most 4095 bytes"),
        (
            "state: \"/a\\0b\"",
            "f:1:8: \"state\" must be an absolute path, as in /etc/charon/key, of at most 4095 bytes"
        ),
        (
            "socket: /\(String(repeating: "x", count: 107))",
            "f:1:9: \"socket\" must be an absolute path, as in /etc/charon/key, of at most 107 bytes"
        ),
        ("when_unreachable: never", "f:1:19: \"when_unreachable\" must be one of last, run, skip"),
        ("when_unknown: last", "f:1:15: \"when_unknown\" must be one of run, skip"),
        ("uncertain_start: Never", "f:1:18: \"uncertain_start\" must be one of again, never"),
        ("off_exit_code: 256", "f:1:16: \"off_exit_code\" must be a whole number from 0 to 255"),
        ("off_exit_code: -1", "f:1:16: \"off_exit_code\" must be a whole number from 0 to 255"),
        ("message_bytes: 63", "f:1:16: \"message_bytes\" must be a whole number from 64 to 65536"),
        ("message_bytes: 65537", "f:1:16: \"message_bytes\" must be a whole number from 64 to 65536"),
        ("message_bytes: 4k", "f:1:16: \"message_bytes\" must be a whole number from 64 to 65536"),
        ("message_bytes: 99999999999999999999", "f:1:16: \"message_bytes\" must be a whole number from 64 to 65536"),
        ("keep: {runs: -1}", "f:1:14: \"runs\" must be a whole number from 0 to 1000000"),
        (
            "keep:\n  for: soon",
            "f:2:8: \"for\" is no time: a time is a number of seconds, or numbers with units (ms, s, m or min, h, d, "
                + "w), as in 90s or 1h30m"
        ),
        // Delivery.
        ("delivery: 5", "f:1:11: \"delivery\" must be a mapping (\"key: value\" lines), not a single value"),
        (
            "delivery: {message_per_second: 5}",
            "f:1:12: unknown key \"message_per_second\" in \"delivery\": did you mean \"messages_per_second\"?"
        ),
        (
            "delivery: {messages_per_second: 0}",
            "f:1:33: \"messages_per_second\" must be a whole number from 1 to 1000000"
        ),
        (
            "delivery: {messages_per_second: 0.5}",
            "f:1:33: \"messages_per_second\" must be a whole number from 1 to 1000000"
        ),
        ("delivery: {burst: 0}", "f:1:19: \"burst\" must be a whole number from 1 to 1000000"),
        ("delivery: {joined_bytes: 65537}", "f:1:26: \"joined_bytes\" must be a whole number from 0 to 65536"),
        ("delivery: {max_messages: 9}", "f:1:26: \"max_messages\" must be a whole number from 10 to 10000000"),
        ("delivery: {max_bytes: 262143}", "f:1:23: \"max_bytes\" must be at least 256 KiB, and at most 1 GiB"),
        ("delivery: {max_bytes: 2GiB}", "f:1:23: \"max_bytes\" must be at least 256 KiB, and at most 1 GiB"),
        ("disk_budget: 1GiB", "f:1:14: \"disk_budget\" must be a mapping (\"key: value\" lines), not a single value"),
        (
            "disk_budget: {size: 1GiB}",
            "f:1:15: unknown key \"size\" in \"disk_budget\": allowed are bytes, files, free"
        ),
        (
            "disk_budget: {bytes: 1GB}",
            "f:1:22: \"bytes\" is no size: a size is a number of bytes, or a number with a unit (K, M, G, T, or KiB, "
                + "MiB, GiB, TiB), as in 512M or 1GiB"
        ),
        ("disk_budget: {bytes: 1048575}", "f:1:22: \"bytes\" must be at least 1 MiB"),
        ("disk_budget: {files: 99}", "f:1:22: \"files\" must be a whole number from 100 to 100000000"),
        ("disk_budget: {free: 5}", "f:1:21: \"free\" must be a whole number from 0% to 50%, with its percent sign"),
        ("disk_budget: {free: 51%}", "f:1:21: \"free\" must be a whole number from 0% to 50%, with its percent sign"),
        ("disk_budget: {free: '%'}", "f:1:21: \"free\" must be a whole number from 0% to 50%, with its percent sign"),
        // Applications.
        (
            "applications: {a b: {\(Self.key)}}",
            "f:1:16: the name of an application follows the rule of slugs: a slug is 1 to 100 of A-Z a-z 0-9 . _ - "
                + "and begins with a letter or digit"
        ),
        (
            "applications: {a: {credential: k}}",
            "f:1:19: application \"a\" has no \"url\", as in https://charon.example.org/api"
        ),
        (
            "applications: {a: {url: \"https://a.example\"}}",
            "f:1:19: application \"a\" has neither \"key_file\" nor \"credential\": one is required"
        ),
        (
            "applications: {a: {\(Self.key), key_file: /k}}",
            "f:1:58: \"credential\" and \"key_file\" exclude each other: keep one"
        ),
        ("applications: {a: {url: ftp, credential: k}}", "f:1:25: \"url\": must begin with https:// or http://"),
        (
            "applications: {a: {url: \"https://a.example\", credential: ../k}}",
            "f:1:58: \"credential\" must be the name of a systemd credential: 1 to 255 visible ASCII characters "
                + "without '/' and ':'"
        ),
        (
            "applications: {a: {url: \"https://a.example\", key_file: sk-12345}}",
            "f:1:56: \"key_file\" must be an absolute path, as in /etc/charon/key, of at most 4095 bytes"
        ),
        (
            "applications: {a: {\(Self.key), allow_plain_http: yes}}",
            "f:1:79: \"allow_plain_http\" must be true or false"
        ),
        (
            "applications: {a: {\(Self.key), connections: 1}}",
            "f:1:74: \"connections\" must be a whole number from 2 to 256"
        ),
        (
            "applications: {a: {\(Self.key), messages_per_second: fast}}",
            "f:1:82: \"messages_per_second\" must be a whole number from 1 to 1000000"
        ),
        (
            "applications: {a: {\(Self.key), burst: 1000001}}",
            "f:1:68: \"burst\" must be a whole number from 1 to 1000000"
        ),
        (
            "applications: {a: {\(Self.key), key: x}}",
            "f:1:61: unknown key \"key\" in application \"a\": allowed are url, key_file, credential, ca_file, "
                + "allow_plain_http, users, pointers, connections, messages_per_second, burst"
        ),
        (
            "applications: {a: {\(Self.key), keyfile: x}}",
            "f:1:61: unknown key \"keyfile\" in application \"a\": did you mean \"key_file\"?"
        ),
        (
            "applications: {a: {\(Self.key), pointers: {activ: /x}}}",
            "f:1:72: unknown key \"activ\" in \"pointers\" of application \"a\": did you mean \"active\"?"
        ),
        (
            "applications: {a: {\(Self.key), pointers: {active: x}}}",
            "f:1:80: \"active\": must be a JSON pointer (RFC 6901), as in /data/active"
        ),
        (
            "applications: {a: {\(Self.key)}, b: {\(Self.key)}}",
            "f:1:15: there are several applications and none is called \"default\": \"default_application\" must be "
                + "one of a, b"
        ),
        (
            "applications: {a: {\(Self.key)}}\ndefault_application: b",
            "f:2:22: \"default_application\" must be the name of an application: allowed are a"
        ),
        (
            "default_application: b",
            "f:1:22: \"default_application\" must be the name of an application: there are none"
        ),
        // Users.
        (
            "applications: {a: {\(Self.key), users: www-data}}",
            "f:1:68: \"users\" must be a list of users, as in [www-data]: it is a single value"
        ),
        (
            "applications: {a: {\(Self.key), users: [www-date]}}",
            "f:1:69: unknown user \"www-date\" in \"users\": did you mean \"www-data\"?"
        ),
        (
            "applications: {default: {\(Self.key), users: [www-data]}, a: {\(Self.key), users: [root, \"33\"]}}",
            "f:1:146: \"33\" is among the \"users\" of \"default\" already: a line can mean one application"
        ),
        ("wrapped: {www-date: [a]}", "f:1:11: unknown user \"www-date\" in \"wrapped\": did you mean \"www-data\"?"),
        ("wrapped: {nemo: [a]}", "f:1:11: unknown user \"nemo\" in \"wrapped\": a user of /etc/passwd or a uid is due"),
        ("wrapped: {-1: [a]}", "f:1:11: unknown user \"-1\" in \"wrapped\": a user of /etc/passwd or a uid is due"),
        (
            "wrapped: {4294967295: [a]}",
            "f:1:11: unknown user \"4294967295\" in \"wrapped\": a user of /etc/passwd or a uid is due"
        ),
        (
            "wrapped: {root: shop-*}",
            "f:1:17: \"root\" in \"wrapped\" must have a list of slug patterns, as in [\"shop-*\"]: it is a "
                + "single value"
        ),
        ("wrapped: {root: [a, \"b?\"]}", "f:1:21: a slug pattern of \"root\" must be \(Self.slugs)"),
        ("wrapped:\n  root:\n    - []", "f:3:7: a slug pattern of \"root\" must be a single value: not a list"),
        // Invalid YAML.
        (
            "state: /x\n\twrong: y",
            "f:2:1: invalid YAML: while scanning a plain scalar that begins in line 1, "
                + "found a tab character that violates indentation"
        ),
        (
            "a: [1",
            "f:2:1: invalid YAML: while parsing a flow sequence that begins in line 1, did not find expected ',' or ']'"
        ),
        ("a: b: c", "f:1:5: invalid YAML: mapping values are not allowed in this context"),
        ("a: *none", "f:1:4: invalid YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "f:2:1: invalid YAML: expected a single document in the stream but found another document"),
        ("ä: 1\n€: \u{1}", "f:2:4: invalid YAML: control characters are not allowed"),
    ])
    func isSaid(_ text: String, _ expected: String) {
        #expect(problems(text) == expected)
    }

    private static let allKeys =
        "applications, default_application, wrapped, state, socket, when_unreachable, when_unknown, "
        + "uncertain_start, off_exit_code, message_bytes, delivery, keep, disk_budget, defaults"

    @Test func allProblemsAreToldInTheirOrder() {
        let text = """
            keep: {runs: many}
            stat: /x
            applications:
              shop:
                url: https://a.example
              lab: {credential: k}
            default_application: shop
            wrapped: {nemo: ["a?"]}
            """
        #expect(
            problems(text) == """
                f:1:14: "runs" must be a whole number from 0 to 1000000
                f:2:1: unknown key "stat" in the configuration: did you mean "state"?
                f:5:5: application "shop" has neither "key_file" nor "credential": one is required
                f:6:8: application "lab" has no "url", as in https://charon.example.org/api
                f:8:11: unknown user "nemo" in "wrapped": a user of /etc/passwd or a uid is due
                f:8:18: a slug pattern of "nemo" must be \(Self.slugs)
                """)
    }

    /// A key that was pasted into the wrong place must not go on into a log.
    @Test(arguments: [
        "state: sk-secret", "applications: {a: {url: sk-secret, key_file: sk-secret, credential: sk/secret}}",
        "default_application: sk-secret", "message_bytes: sk-secret", "keep: {for: sk-secret}", "sk-secret",
        "applications: {a: {url: \"https://a.example\", key_file: /k, ca_file: sk-secret, allow_plain_http: secret}}",
        "wrapped: {root: [sk:secret]}", "when_unreachable: sk-secret", "applications: {a: sk-secret}",
        "applications: [sk-secret]", "keep: sk-secret", "a: 'sk-secret",
    ])
    func noValueIsRepeated(_ text: String) {
        #expect(!problems(text).isEmpty)
        #expect(!problems(text).contains("secret"), "\(problems(text))")
    }

    /// Nothing that an editor or a disk does to the file makes the daemon stop.
    @Test func brokenTextIsAnErrorOrSettings() {
        let good = """
            applications: {shop: {url: "https://a.example", key_file: /k, pointers: {active: "/a"}}}
            wrapped: {root: ["shop-*"], www-data: &a [b]}
            keep: {runs: 5, for: 7d} # ä
            """
        #expect(problems(good) == "")
        let spice = Array("{}[]:,&*!|>'\"%@`#-? \n\t\r\0ä\u{FEFF}\u{85}")
        for _ in 0..<3000 {
            var text = Array(good)
            for _ in 0..<Int.random(in: 1...4) {
                let at = Int.random(in: 0..<text.count)
                if Bool.random() { text.insert(spice.randomElement() ?? " ", at: at) } else { text.remove(at: at) }
            }
            for line in problems(String(text)).split(separator: "\n") {
                #expect(line.wholeMatch(of: /f:[0-9]+:[0-9]+: .+/) != nil, "\(line)")
            }
        }
    }
}
