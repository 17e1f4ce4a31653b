import CharonCore

/// A token, with what is known of its life.
struct Token: Hashable, Sendable {
    let value: String
    /// What a new one can be had for without the client's secret (RFC 6749, 6).
    let refresh: String?
    let expires: Instant
    /// When a new one is asked for: 30 seconds before the end, or a tenth of the lifetime if that is less.
    let renewal: Instant

    /// A token that was given at `issued` and lives for a time.
    init(_ value: String, refresh: String? = nil, issued: Instant, lifetime: TimeSpan) {
        self.value = value
        self.refresh = refresh
        expires = issued.advanced(bySeconds: lifetime.seconds)
        renewal = expires.advanced(bySeconds: -min(30, lifetime.seconds / 10))
    }

    private init(value: String, refresh: String?, expires: Instant, renewal: Instant) {
        self.value = value
        self.refresh = refresh
        self.expires = expires
        self.renewal = renewal
    }

    /// Whether it need not be renewed yet.
    func isFresh(at now: Instant) -> Bool { now < renewal }

    /// As the cache keeps it.
    var json: JSON {
        [
            "version": 1, "token": .string(value), "refresh_token": refresh.map { .string($0) },
            "expires": .string(expires.rfc3339), "renewal": .string(renewal.rfc3339),
        ]
    }

    /// What `json` gives; nil for anything else.
    init?(_ json: JSON) {
        guard json["version"]?.integer == 1, let value = json["token"]?.string, !value.isEmpty,
            let expires = json["expires"]?.string.flatMap({ Instant(rfc3339: $0.utf8) }),
            let renewal = json["renewal"]?.string.flatMap({ Instant(rfc3339: $0.utf8) })
        else { return nil }
        self.init(value: value, refresh: json["refresh_token"]?.string, expires: expires, renewal: renewal)
    }
}
