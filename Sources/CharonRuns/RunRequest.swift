package import CharonCore

/// `run.json`: what was asked, written by the daemon before anything is asked of Charon.
///
/// Never an environment value.
package struct RunRequest: Hashable, Sendable {
    /// The version that this release writes.
    package static let version: Int64 = 1

    package var run: RunID
    package var slug: Slug
    package var application: String
    /// Configured, so that neither Charon's answer nor the slug stands in its place.
    package var cronID: CronID?
    package var argv: [String]
    package var directory: String
    package var host: String
    package var uid: UInt32
    package var askedAt: Instant
    package var policies: Policies
    package var timeout: TimeSpan?
    /// What names the level of a line; nil for the usual rules.
    ///
    /// Its form is of those who read lines.
    package var levels: JSON?
    /// The least level of the lines that go to Charon.
    package var sendLevel = Level.info
    /// What it stands for, if it is a job's; nil for a wrapped line.
    package var job: JobMark?

    package init(run: RunID, slug: Slug, application: String, argv: [String], uid: UInt32, askedAt: Instant) {
        self.run = run
        self.slug = slug
        self.application = application
        self.argv = argv
        self.uid = uid
        self.askedAt = askedAt
        directory = ""
        host = ""
        policies = Policies()
    }

    package var json: JSON {
        [
            "v": .integer(Self.version), "run": .string(run.text), "slug": .string(slug.text),
            "application": .string(application), "cron_id": cronID.map { .string($0.text) },
            "argv": .array(argv.map { .string($0) }), "directory": .string(directory), "host": .string(host),
            "uid": .integer(Int64(uid)), "asked_at": .string(askedAt.rfc3339),
            "when_unreachable": .string(policies.whenUnreachable.rawValue),
            "when_unregistered": .string(policies.whenUnregistered.rawValue),
            "when_uncertain": .string(policies.whenUncertain.rawValue),
            "overlap": .string(policies.overlap.rawValue),
            "success_codes": .string(policies.successCodes.description),
            "timeout_ms": timeout.map { .integer($0.milliseconds) }, "levels": levels,
            "send_level": sendLevel == .info ? nil : .string(sendLevel.rawValue), "job": job?.json,
        ]
    }

    /// Nil unless `json` is a request that this release can read.
    package init?(json: JSON) {
        guard json["v"]?.integer == Self.version, let run = json["run"]?.string.flatMap(RunID.init),
            let slug = json["slug"]?.string.flatMap(Slug.init), let application = json["application"]?.string,
            let argv = json["argv"]?.array?.compactMap(\.string),
            let uid = json["uid"]?.integer.flatMap({ UInt32(exactly: $0) }), let at = Instant(json: json["asked_at"]),
            let policies = Policies(json: json)
        else { return nil }
        self.init(run: run, slug: slug, application: application, argv: argv, uid: uid, askedAt: at)
        self.policies = policies
        cronID = json["cron_id"]?.string.flatMap(CronID.init)
        directory = json["directory"]?.string ?? ""
        host = json["host"]?.string ?? ""
        levels = json["levels"]
        sendLevel = json["send_level"]?.string.flatMap(Level.init(rawValue:)) ?? .info
        job = json["job"].flatMap(JobMark.init(json:))
        if let member = json["timeout_ms"] {
            guard let value = member.integer, (0...TimeSpan.longest).contains(value) else { return nil }
            timeout = TimeSpan(milliseconds: value)
        }
    }
}

extension Policies {
    /// Reads the members of a run request; a missing one has its default, an unknown value makes nil.
    package init?(json: JSON) {
        self.init()
        func read<Value>(_ name: String, _ field: inout Value, _ make: (String) -> Value?) -> Bool {
            guard let member = json[name] else { return true }
            guard let value = member.string.flatMap(make) else { return false }
            field = value
            return true
        }
        guard read("when_unreachable", &whenUnreachable, WhenUnreachable.init(rawValue:)),
            read("when_unregistered", &whenUnregistered, WhenUnregistered.init(rawValue:)),
            read("when_uncertain", &whenUncertain, WhenUncertain.init(rawValue:)),
            read("overlap", &overlap, Overlap.init(rawValue:)),
            read("success_codes", &successCodes, SuccessCodes.init(_:))
        else { return nil }
    }
}
