package import CharonAPI
package import CharonCore

/// How requests are authenticated.
package enum Auth: Sendable {
    /// The same headers with each request.
    case headers([RequestTemplate.Named])
    /// HTTP Basic (RFC 7617).
    case basic(user: Template, password: Template)
    /// A query parameter, which servers and proxies write into their logs.
    case queryKey(name: String, value: Template)
    /// A token that is asked for, kept and renewed.
    case token(TokenScheme)

    /// All texts in it.
    package var templates: [Template] {
        switch self {
        case .headers(let headers): headers.map(\.value)
        case .basic(let user, let password): [user, password]
        case .queryKey(_, let value): [value]
        case .token(let scheme): scheme.templates
        }
    }
}

/// How a token is got and used: what the kinds of token authentication have in common.
package struct TokenScheme: Sendable {
    /// A name for messages and for the cache.
    package let kind: String
    /// A path behind the base URL, or a URL of its own.
    package let url: Template
    package var request = RequestTemplate()
    /// Sent by HTTP Basic with the token request.
    package var client: Client?
    package var token: JSONPointer
    package var expiresIn: JSONPointer?
    package var refreshToken: JSONPointer?
    /// What a token lives where its answer does not say.
    package var lifetime = TimeSpan.seconds(300)
    /// The word before the token in `Authorization`; empty for none.
    package var scheme: String

    /// The client of OAuth 2.0.
    package struct Client: Sendable {
        package let id: Template
        package let secret: Template
        /// Whether both are form-encoded before Base64 (RFC 6749, 2.3.1).
        package let isFormEncoded: Bool
    }

    /// All texts in it.
    package var templates: [Template] {
        [url] + request.templates + (client.map { [$0.id, $0.secret] } ?? [])
    }
}
