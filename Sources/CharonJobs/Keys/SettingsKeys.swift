import CharonCore

/// The keys of `charon.yaml`.
enum SettingsKeys {
    static let all: [Key<Settings>] = [
        Key(
            told: "applications", "The API keys of Charon, by names of one's own, and where they go.",
            "mapping of names to mappings",
            [
                "type": ["object", "null"], "propertyNames": ["pattern": .string(Schema.slugPattern)],
                "additionalProperties": [
                    "allOf": [
                        Schema.mapping(application, required: ["url"]),
                        ["oneOf": [["required": ["key_file"]], ["required": ["credential"]]]],
                    ]
                ],
            ], keys: application, fallback: "none",
            good: "{shop: {url: \"https://charon.example.org/api\", key_file: /etc/charon/shop.key}}",
            bad: "{shop: ›{url: \"https://charon.example.org/api\"}}"),
        Key(
            told: "default_application", "The application of a run that names none.", "name of an application",
            Schema.text(Schema.slugPattern), fallback: "the one called default, else the only one", good: "shop",
            bad: "shops"),
        Key(
            told: "wrapped",
            "Which users may wrap crontab lines for which slugs, as patterns with *; a slug that is not named belongs to "
                + "the user that used it first.", "mapping of users to lists of patterns",
            [
                "type": ["object", "null"],
                "additionalProperties": [
                    "type": "array", "items": ["type": ["string", "number"], "pattern": "^[A-Za-z0-9._*-]{1,100}$"],
                ],
            ], fallback: "none", good: "{root: [\"shop-*\"]}", bad: "{root: [›\"shop *\"]}"),
        Key(
            "state", "The directory of records and memory.", .path(), into: \.state, fallback: "/var/lib/charon",
            good: "/srv/charon", bad: "charon"),
        Key(
            "socket", "The control socket.",
            // The path of a Unix socket and its NUL fill 108 bytes (unix(7)).
            .path(longest: 107), into: \.socket, fallback: "/run/charon/charond.sock", good: "/run/charond.sock",
            bad: "charond.sock"),
        Key(
            "when_unreachable",
            "What a run does when Charon gives no answer: last (as it last answered in the last seven days, else run), "
                + "run or skip.", .choice, into: \.whenUnreachable, fallback: "last", good: "skip", bad: "stop"),
        Key(
            "when_unknown", "What a run does when Charon does not know the cron: run or skip.", .choice,
            into: \.whenUnregistered, fallback: "run", good: "skip", bad: "last"),
        Key(
            "uncertain_start",
            "What happens to a start that was sent and not answered: again (it is repeated, and the first message says "
                + "that there may be a second execution) or never.", .choice, into: \.whenUncertain, fallback: "again",
            good: "never", bad: "always"),
        Key(
            "off_exit_code", "What a wrapped line exits with whose cron is switched off.",
            Grammar<Int>.integer(0...255).map { UInt8($0) }, into: \.offExitCode, fallback: "0", good: "75", bad: "256"),
        Key(
            "message_bytes", "The longest text of one message to Charon, in bytes; what is longer is cut.",
            .integer(64...65_536), into: \.messageBytes, fallback: "4096", good: "8192", bad: "63"),
        Key(
            "delivery", "What of one run's output goes to Charon, and how fast.",
            .mapping(Settings.Delivery.keys, Settings.Delivery()), into: \.delivery, fallback: "that of its keys",
            good: "{messages_per_second: 20, max_bytes: 8MiB}", bad: "{burst: ›0}"),
        Key(
            "keep", "How long delivered runs keep their record and output.",
            .mapping(Settings.Keep.keys, Settings.Keep()), into: \.keep, fallback: "50 runs, 7 days",
            good: "{runs: 10, for: 30d}", bad: "{runs: ›all}"),
        Key(
            "disk_budget", "What all records may take of the disk, and what stays free for others.",
            .mapping(Settings.DiskBudget.keys, Settings.DiskBudget()), into: \.diskBudget,
            fallback: "that of its keys", good: "{bytes: 2GiB}", bad: "{bytes: ›2GB}"),
        Key(
            "defaults", "What counts for the jobs of job files that say nothing else: keys of a job.",
            .mapping(JobKeys.defaults, JobDraft()), into: \.defaults, fallback: "none",
            good: "{user: www-data, timezone: Europe/Paris}", bad: "{›schedule: \"@daily\"}"),
    ]

    /// Of a budget, in messages: enough to be no limit at all.
    static let budget = 1...1_000_000

    /// The keys of an application.
    static let application: [KeyDescription] = [
        Key<Settings>(
            told: "url", "The URL before the paths of Charon's calls (required).", "URL", Schema.text("^https?://"),
            fallback: "none", good: "https://charon.example.org/api", bad: "charon.example.org"),
        Key(
            told: "key_file", "A file with the API key on one line, which nobody else can read.", "absolute path",
            Schema.text("^/"), fallback: "none; this or credential is required", good: "/etc/charon/shop.key",
            bad: "shop.key"),
        Key(
            told: "credential", "The systemd credential with the API key (systemd.exec(5), LoadCredential=).", "name",
            Schema.text("^[^/:\\s]{1,255}$"), fallback: "none", good: "shop.key", bad: "keys/shop"),
        Key(
            told: "ca_file", "Certificates to trust besides the system's, in PEM.", "absolute path", Schema.text("^/"),
            fallback: "none", good: "/etc/charon/ca.pem", bad: "ca.pem"),
        Key(
            told: "allow_plain_http", "Lets the key go over the network in the clear.", "true or false",
            ["type": "boolean"], fallback: "false", good: "true", bad: "sometimes"),
        Key(
            told: "users", "The users whose lines mean this application when they name none.", "list of users",
            ["type": "array", "items": ["type": ["string", "number"]]], fallback: "none", good: "[root]", bad: "root"),
        Key(
            told: "pointers", "Where Charon's answers carry what is read from them (RFC 6901).", "mapping",
            Schema.mapping(pointers), keys: pointers, fallback: "the usual places", good: "{active: /data/active}",
            bad: "{active: ›data.active}"),
        Key(
            told: "connections", "The most connections to Charon at once, half of them for starts.",
            "number from 2 to 256", Grammar.integer(2...256).schema, fallback: "8", good: "16", bad: "1"),
        Key(
            told: "messages_per_second", "Of all its runs together, after the burst.", "number from 1 to 1000000",
            Grammar.integer(budget).schema, fallback: "50", good: "100", bad: "0"),
        Key(
            told: "burst", "So many messages go out at once.", "number from 1 to 1000000",
            Grammar.integer(budget).schema, fallback: "50", good: "100", bad: "0"),
    ].map(\.description)

    /// The keys of `pointers`.
    static let pointers: [KeyDescription] = [
        ("active", "whether the cron is active"), ("cron_id", "the cron's id"), ("execution_id", "the execution's id"),
        ("message_id", "a message's id"),
    ].map { name, what in
        Key<Settings>(
            told: name, "Where an answer has \(what).", "JSON pointer", Schema.text("^/"), fallback: "the usual places",
            good: "/data/\(name)", bad: "data"
        ).description
    }
}

extension Settings.Delivery {
    static let keys: [Key<Settings.Delivery>] = [
        Key(
            "messages_per_second", "After the burst.", .integer(SettingsKeys.budget), into: \.messagesPerSecond,
            fallback: "5", good: "20", bad: "0"),
        Key(
            "burst", "So many messages go out at once.", .integer(SettingsKeys.budget), into: \.burst, fallback: "50",
            good: "100", bad: "0"),
        Key(
            "joined_bytes", "Lines that queue are joined with neighbours of their level up to so many bytes.",
            .integer(0...65_536), into: \.joinedBytes, fallback: "16384", good: "0", bad: "65537"),
        Key(
            "max_messages", "The most of a run; the middle of what is more is counted in the end message.",
            .integer(10...10_000_000), into: \.maxMessages, fallback: "2000", good: "5000", bad: "9"),
        Key(
            "max_bytes", "Of a run's messages together.",
            // Room for some messages of any length, the first and the last.
            Grammar.byteCount(least: ByteCount(256 << 10), most: ByteCount(1 << 30)).map { Int($0.bytes) },
            into: \.maxBytes, fallback: "4MiB", good: "16MiB", bad: "4MB"),
    ]
}

extension Settings.DiskBudget {
    static let keys: [Key<Settings.DiskBudget>] = [
        Key(
            "bytes", "All that they take, at most.",
            // Less would not hold the records of a few runs, however little they write.
            .byteCount(least: ByteCount(1 << 20)), into: \.bytes, fallback: "1GiB", good: "512MiB", bad: "1000"),
        Key(
            "files", "Inodes: six for each run.", Grammar.integer(100...100_000_000).map { Int64($0) }, into: \.files,
            fallback: "100000", good: "50000", bad: "99"),
        Key(
            "free", "What of the file system stays free for others.", .share, into: \.free, fallback: "2%", good: "10%",
            bad: "51%"),
    ]
}

extension Grammar where Value == Int64 {
    /// A share that leaves something: up to 50 %.
    static let share = text(
        "percent", rule: "a whole number from 0% to 50%, with its percent sign", pattern: "^[0-9]+%$"
    ) { text in
        guard text.hasSuffix("%"), text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text.dropLast()).flatMap { (0...50).contains($0) ? $0 : nil }
    }
}
