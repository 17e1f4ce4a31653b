import CharonCore
import CharonLevels
import CharonRuns
import Glibc

/// What the ladder has to know of a wrapped line.
struct RunCall {
    var slug: Slug
    /// At most 32 KiB of it, without its secrets.
    private(set) var argv: [String]
    /// The working directory.
    var directory = ""
    var application: String?
    var cronID: CronID?
    var whenUnreachable: WhenUnreachable?
    var overlap: Overlap?
    var successCodes: SuccessCodes?
    var timeout: TimeSpan?
    /// What names the level of a line, in the form of a record.
    var levels: JSON?
    var sendLevel: Level?
    let run: RunID
    let askedAt: Instant

    init(_ options: Options, _ redaction: RedactionRules) {
        slug = options.slug
        argv = redaction.recorded(options.command)
        application = options.application
        cronID = options.cronID
        whenUnreachable = options.whenUnreachable
        overlap = options.overlap
        successCodes = options.successCodes
        timeout = options.timeout
        levels = options.levels?.json
        sendLevel = options.sendLevel
        askedAt = .now()
        run = RunID(at: askedAt)
        var buffer = [CChar](repeating: 0, count: 4096)
        if getcwd(&buffer, buffer.count) != nil {
            directory = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Hides what has turned out to be a secret.
    mutating func redact(_ redaction: RedactionRules) { argv = argv.map(redaction.redacted) }

    /// The parameters of `Begin` and `HandIn`.
    func parameters(_ credentials: Environment.Credentials?) -> JSON {
        [
            "run": .string(run.text), "slug": .string(slug.text), "argv": .array(argv.map { .string($0) }),
            "directory": .string(directory), "asked_at": .string(askedAt.rfc3339),
            "application": application.map { .string($0) }, "cron_id": cronID.map { .string($0.text) },
            "when_unreachable": whenUnreachable.map { .string($0.rawValue) },
            "overlap": overlap.map { .string($0.rawValue) },
            "success_codes": successCodes.map { .string($0.description) },
            "timeout_ms": timeout.map { .integer($0.milliseconds) }, "levels": levels,
            "send_level": sendLevel.map { .string($0.rawValue) },
            "credentials": credentials.map { ["url": .string($0.url), "key": .string($0.key)] },
        ]
    }

    /// The request as a local record holds it.
    func record(uid: UInt32) -> RunRequest {
        var request = RunRequest(
            run: run, slug: slug, application: application ?? "default", argv: argv, uid: uid, askedAt: askedAt)
        request.directory = directory
        request.cronID = cronID
        if let whenUnreachable { request.policies.whenUnreachable = whenUnreachable }
        if let overlap { request.policies.overlap = overlap }
        if let successCodes { request.policies.successCodes = successCodes }
        request.timeout = timeout
        request.levels = levels
        request.sendLevel = sendLevel ?? .info
        return request
    }
}
