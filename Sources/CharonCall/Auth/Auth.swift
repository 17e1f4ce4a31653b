import CharonAPI
import CharonCore

/// How requests are authenticated.
enum Auth: Sendable {
    /// The same headers with each request.
    case headers([RequestTemplate.Named])
    /// HTTP Basic (RFC 7617).
    case basic(user: Template, password: Template)
    /// A query parameter, which servers and proxies write into their logs.
    case queryKey(name: String, value: Template)
    /// A token that is asked for, kept and renewed.
    case token(TokenScheme)

    /// All texts in it.
    var templates: [Template] {
        switch self {
        case .headers(let headers): headers.map(\.value)
        case .basic(let user, let password): [user, password]
        case .queryKey(_, let value): [value]
        case .token(let scheme): scheme.templates
        }
    }
}

/// How a token is got and used: what the kinds of token authentication have in common.
struct TokenScheme: Sendable {
    /// A name for messages and for the cache.
    let kind: String
    /// A path behind the base URL, or a URL of its own.
    let url: Template
    var request = RequestTemplate()
    /// Sent by HTTP Basic with the token request.
    var client: Client?
    var token: JSONPointer
    var expiresIn: JSONPointer?
    var refreshToken: JSONPointer?
    /// What a token lives where its answer does not say.
    var lifetime = TimeSpan.seconds(300)
    /// The word before the token in `Authorization`; empty for none.
    var scheme: String

    /// The client of OAuth 2.0.
    struct Client: Sendable {
        let id: Template
        let secret: Template
        /// Whether both are form-encoded before Base64 (RFC 6749, 2.3.1).
        let isFormEncoded: Bool
    }

    /// All texts in it.
    var templates: [Template] {
        [url] + request.templates + (client.map { [$0.id, $0.secret] } ?? [])
    }
}
