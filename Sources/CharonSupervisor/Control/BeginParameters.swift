package import CharonAPI
package import CharonControl
package import CharonCore
import CharonLevels
package import CharonRuns

/// The parameters of `Begin`, checked.
package struct BeginParameters: Sendable {
    package var request: RunRequest
    package var credentials: Credentials?

    package typealias Invalid = InvalidParameter

    /// Reads a call of `peer`; `defaults` are the daemon's own policies.
    package init(
        _ json: JSON, peer: Peer, defaults: Policies, application: String, at now: Instant
    ) throws(InvalidParameter) {
        let reader = ParameterReader(json)
        let run = try reader.required("run", RunID.init)
        let slug = try reader.required("slug", Slug.init)
        guard let argv = json["argv"]?.array?.compactMap(\.string), !argv.isEmpty,
            argv.count == json["argv"]?.array?.count
        else { throw InvalidParameter(parameter: "argv") }
        let name = try reader.optional("application") { Slug($0)?.text } ?? application
        request = RunRequest(run: run, slug: slug, application: name, argv: argv, uid: peer.uid, askedAt: now)
        request.directory = try reader.optional("directory") { $0 } ?? ""
        request.cronID = try reader.optional("cron_id", CronID.init)
        request.policies = defaults
        if let value = try reader.optional("when_unreachable", WhenUnreachable.init) {
            request.policies.whenUnreachable = value
        }
        if let value = try reader.optional("overlap", Overlap.init) { request.policies.overlap = value }
        if let value = try reader.optional("success_codes", SuccessCodes.init) { request.policies.successCodes = value }
        request.timeout = try reader.number("timeout_ms", in: 1...TimeSpan.longest).map(TimeSpan.init(milliseconds:))
        if let levels = json["levels"], levels != .null {
            guard (try? LevelRules(json: levels)) != nil else { throw InvalidParameter(parameter: "levels") }
            request.levels = levels
        }
        request.sendLevel = try reader.optional("send_level", Level.init(rawValue:)) ?? .info
        if let asked = json["asked_at"], asked != .null {
            guard let at = asked.string.flatMap({ Instant(rfc3339: $0.utf8) }), at <= now.advanced(bySeconds: 60) else {
                throw InvalidParameter(parameter: "asked_at")
            }
            request.askedAt = at
        }
        if let given = json["credentials"], given != .null {
            guard let credentials = Credentials(given) else { throw InvalidParameter(parameter: "credentials") }
            self.credentials = credentials
        }
    }
}

/// Where a private daemon reports to, as its caller's environment says.
///
/// In memory only.
package struct Credentials: Hashable, Sendable {
    package let url: String
    package let key: Secret

    package init(url: String, key: Secret) {
        self.url = url
        self.key = key
    }

    fileprivate init?(_ json: JSON) {
        guard let url = json["url"]?.string, let key = json["key"]?.string.flatMap(Secret.init) else { return nil }
        self.init(url: url, key: key)
    }
}
