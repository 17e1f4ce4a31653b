import CharonAPI
import CharonCore
import HTTPTypes

extension TokenScheme {
    /// The request that asks for a token, or with a refresh token for another one.
    func prepare(base: BaseURL, _ values: Values, refresh: String? = nil, isShown: Bool = false)
        throws(CallFailure) -> PreparedRequest
    {
        var template = request
        let (place, path) = try address(base, values)
        template.path = path
        if refresh != nil {
            template.form = [
                Self.parameter("grant_type", "refresh_token"), Self.parameter("refresh_token", "{{refresh_token}}"),
            ]
            .compactMap(\.self)
        }
        var values = values
        if let refresh { values.set("refresh_token", .string(isShown ? Values.mark : refresh), isSecret: true) }
        var prepared = try template.prepare(base: place, values, boundary: "")
        if let client {
            let credentials = client.credentials(values)
            prepared.headers[.authorization] = "Basic \(isShown ? Values.mark : credentials)"
        }
        return prepared
    }

    private static func parameter(_ name: String, _ value: String) -> RequestTemplate.Parameter? {
        Template(value).map { .init(name: name, values: [$0], isOmittedIfEmpty: false) }
    }

    /// A path belongs behind the base URL; anything else must be a URL of its own.
    private func address(_ base: BaseURL, _ values: Values) throws(CallFailure) -> (BaseURL, Template?) {
        if url.text.hasPrefix("/") { return (base, url) }
        do {
            return (try BaseURL(url.render(values), allowPlainHTTP: !base.isTLS && !base.isLoopback), nil)
        } catch {
            throw CallFailure(.configuration, "\"url\" of \"auth\" is neither a path nor a URL: \(error.message)")
        }
    }

    /// The token of an answer.
    ///
    /// Throws if there is none in it. `issued` is when it was asked for; a refresh token that the answer does not renew
    /// stays.
    func token(in answer: Answer, issued: Instant, refresh: String?) throws(CallFailure) -> Token {
        guard let json = answer.json, let value = token.resolve(in: json)?.string, !value.isEmpty,
            !value.contains(where: \.isControl)
        else { throw CallFailure(.authentication, "the answer of the token request has no token at \"\(token)\"") }
        var lifetime = lifetime
        if let found = expiresIn?.resolve(in: json), let time = TimeSpan(Self.text(found)), time.milliseconds > 0 {
            lifetime = time
        }
        let renewed = refreshToken?.resolve(in: json)?.string
        return Token(value, refresh: refreshToken == nil ? nil : renewed ?? refresh, issued: issued, lifetime: lifetime)
    }

    /// A number of seconds may have a fraction.
    private static func text(_ json: JSON) -> String {
        if case .real(let seconds) = json, (0..<1e12).contains(seconds) { return String(Int64(seconds)) }
        return Values.text(of: json)
    }

    /// What tells this token from others, for the cache: the place, the identity and its secrets.
    func identity(base: BaseURL, _ values: Values) throws(CallFailure) -> [String] {
        let prepared = try prepare(base: base, values)
        var identity = [kind, prepared.method.rawValue, prepared.url]
        identity += prepared.headers.map { "\($0.name.canonicalName): \($0.value)" }
        if case .bytes(let body) = prepared.body { identity.append(String(decoding: body, as: UTF8.self)) }
        return identity
    }

    /// What must not be shown of the token request, besides secret variables.
    func secrets(_ values: Values) -> [String] {
        let own = client.map { [$0.secret.render(values), $0.credentials(values)] } ?? []
        return own + request.headers.map { $0.value.render(values) }.filter { $0.utf8.count >= 8 }
    }
}

extension TokenScheme.Client {
    /// The credentials of HTTP Basic.
    func credentials(_ values: Values) -> String {
        let pair = [id, secret].map { $0.render(values) }.map { isFormEncoded ? PercentEncoding.form($0) : $0 }
        return Base64.encode(pair.joined(separator: ":"))
    }
}
