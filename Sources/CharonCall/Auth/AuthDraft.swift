import CharonAPI
import CharonCore
import CharonJobs
import HTTPTypes

/// What `auth` of a call file says, before it is known to be whole.
struct AuthDraft: Sendable {
    /// The kinds of authentication.
    enum Kind: String, CaseIterable, Sendable {
        case headers, basic
        case queryKey = "query_key"
        case clientCredentials = "oauth2_client_credentials"
        case keyExchange = "key_exchange"
        case login
    }

    var kind: Kind?
    var request = RequestTemplate()
    var user: Template?
    var password: Template?
    var name: String?
    var value: Template?
    var isAllowedInURL = false
    var url: Template?
    var clientID: Template?
    var clientSecret: Template?
    var isFormEncoded = true
    var scope: Template?
    var key: Template?
    var token: JSONPointer?
    var expiresIn: JSONPointer?
    var lifetime: TimeSpan?
    var scheme: String?

    /// What is wrong with it as a whole.
    static let complaint: @Sendable (AuthDraft) -> String? = { draft in
        guard let kind = draft.kind else { return "has no \"kind\"" }
        if kind == .queryKey, !draft.isAllowedInURL {
            return "puts a secret into URLs, which end up in logs: use headers, or say allow_in_url: true"
        }
        let missing = draft.missing(kind)
        return missing.isEmpty
            ? nil : "of kind \(kind.rawValue) needs \(missing.map { "\"\($0)\"" }.joined(separator: ", "))"
    }

    private func missing(_ kind: Kind) -> [String] {
        let needed: [(String, Bool)] =
            switch kind {
            case .headers: [("headers", request.headers.isEmpty)]
            case .basic: [("user", user == nil), ("password", password == nil)]
            case .queryKey: [("name", name == nil), ("value", value == nil)]
            case .clientCredentials:
                [("url", url == nil), ("client_id", clientID == nil), ("client_secret", clientSecret == nil)]
            case .keyExchange: [("url", url == nil), ("key", key == nil), ("token", token == nil)]
            case .login: [("url", url == nil), ("token", token == nil)]
            }
        return needed.filter(\.1).map(\.0)
    }

    /// Nil if something that is needed is missing.
    var auth: Auth? {
        switch kind {
        case nil: return nil
        case .headers: return .headers(request.headers)
        case .basic: return user.flatMap { user in password.map { .basic(user: user, password: $0) } }
        case .queryKey: return name.flatMap { name in value.map { .queryKey(name: name, value: $0) } }
        case .clientCredentials, .keyExchange, .login: return scheme(kind?.rawValue ?? "").map { .token($0) }
        }
    }

    private func scheme(_ kind: String) -> TokenScheme? {
        let usual = self.kind == .clientCredentials
        guard let url, let token = token ?? (usual ? JSONPointer("/access_token") : nil) else { return nil }
        var result = TokenScheme(
            kind: kind, url: url, token: token, scheme: scheme ?? (self.kind == .login ? "" : "Bearer"))
        result.request = request
        result.expiresIn = expiresIn ?? (usual ? JSONPointer("/expires_in") : nil)
        result.lifetime = lifetime ?? result.lifetime
        if let key { result.request.headers.append(.init(name: "Authorization", value: key)) }
        guard usual, let clientID, let clientSecret, let grant = Template("client_credentials") else {
            return self.kind == .clientCredentials ? nil : result
        }
        result.client = .init(id: clientID, secret: clientSecret, isFormEncoded: isFormEncoded)
        result.refreshToken = JSONPointer("/refresh_token")
        result.request.method = Late(.post)
        result.request.form = [.init(name: "grant_type", values: [grant], isOmittedIfEmpty: false)]
        if let scope {
            result.request.form?.append(.init(name: "scope", values: [scope], isOmittedIfEmpty: true))
        }
        return result
    }
}
