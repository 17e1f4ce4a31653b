package import CharonAPI
package import CharonControl
package import CharonCore
package import CharonRuns

/// The parameters of `Begin`, checked.
package struct BeginParameters: Sendable {
    package var request: RunRequest
    package var credentials: Credentials?

    /// Names the first parameter that is missing or wrong.
    package struct Invalid: Error, Hashable, Sendable {
        package let parameter: String
    }

    /// Reads a call of `peer`; `defaults` are the daemon's own policies.
    package init(_ json: JSON, peer: Peer, defaults: Policies, application: String, at now: Instant) throws(Invalid) {
        func required<Value>(_ name: String, _ make: (String) -> Value?) throws(Invalid) -> Value {
            guard let value = json[name]?.string.flatMap(make) else { throw Invalid(parameter: name) }
            return value
        }
        func optional<Value>(_ name: String, _ make: (String) -> Value?) throws(Invalid) -> Value? {
            guard let member = json[name], member != .null else { return nil }
            guard let value = member.string.flatMap(make) else { throw Invalid(parameter: name) }
            return value
        }
        let run = try required("run", RunID.init)
        let slug = try required("slug", Slug.init)
        guard let argv = json["argv"]?.array?.compactMap(\.string), !argv.isEmpty,
            argv.count == json["argv"]?.array?.count
        else { throw Invalid(parameter: "argv") }
        let name = try optional("application") { Slug($0)?.text } ?? application
        request = RunRequest(run: run, slug: slug, application: name, argv: argv, uid: peer.uid, askedAt: now)
        request.directory = try optional("directory") { $0 } ?? ""
        request.cronID = try optional("cron_id", CronID.init)
        request.policies = defaults
        if let value = try optional("when_unreachable", WhenUnreachable.init) {
            request.policies.whenUnreachable = value
        }
        if let value = try optional("overlap", Overlap.init) { request.policies.overlap = value }
        if let value = try optional("success_codes", SuccessCodes.init) { request.policies.successCodes = value }
        if let member = json["timeout_ms"], member != .null {
            guard let timeout = member.integer, (1...TimeSpan.longest).contains(timeout) else {
                throw Invalid(parameter: "timeout_ms")
            }
            request.timeout = TimeSpan(milliseconds: timeout)
        }
        if let asked = json["asked_at"], asked != .null {
            guard let at = asked.string.flatMap({ Instant(rfc3339: $0.utf8) }), at <= now.advanced(bySeconds: 60) else {
                throw Invalid(parameter: "asked_at")
            }
            request.askedAt = at
        }
        if let given = json["credentials"], given != .null {
            guard let credentials = Credentials(given) else { throw Invalid(parameter: "credentials") }
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
