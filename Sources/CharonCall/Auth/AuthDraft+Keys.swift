import CharonCore
import CharonJobs
import Yams

extension AuthDraft {
    /// The keys of `auth` by its kind.
    static func keys(of kind: Kind) -> [Key<AuthDraft>] {
        let own: [Key<AuthDraft>] =
            switch kind {
            case .headers: [headers]
            case .basic:
                [
                    Key(
                        "user", "The user.", .template(), into: \.user, fallback: "none", good: "\"{{a}}\"", bad: "[a]"),
                    Key(
                        "password", "The password.", .template(), into: \.password, fallback: "none", good: "\"{{a}}\"",
                        bad: "[a]"),
                ]
            case .queryKey:
                [
                    Key(
                        "name", "The parameter.", .text("name", rule: "a name") { $0 }, into: \.name, fallback: "none",
                        good: "apikey", bad: "\"\""),
                    Key(
                        "value", "The key.", .template(), into: \.value, fallback: "none", good: "\"{{a}}\"", bad: "[a]"
                    ),
                    Key(
                        "allow_in_url", "Says that the key may end up in logs, as URLs do.", .bool,
                        into: \.isAllowedInURL, fallback: "false: the kind is refused", good: "true", bad: "yes"),
                ]
            case .clientCredentials:
                [url] + client + [token("/access_token"), expiresIn("/expires_in"), lifetime, scheme("Bearer")]
            case .keyExchange:
                [
                    url,
                    Key(
                        "key", "The key, which is sent in Authorization as it is.", .template(), into: \.key,
                        fallback: "none", good: "\"{{a}}\"", bad: "[a]"),
                    method, headers, token("none"), expiresIn("none"), lifetime, scheme("Bearer"),
                ]
            case .login: [url, method, headers, json, form, token("none"), expiresIn("none"), lifetime, scheme("none")]
            }
        return [kindKey] + own
    }

    private static let kindKey = Key<AuthDraft>(
        "kind", "How requests are authenticated.", .choice, into: \.kind, fallback: "none", good: "basic", bad: "digest"
    )

    private static let headers = Key<AuthDraft>(
        "headers", "Headers.", .headers, into: \.request.headers, fallback: "none", good: "{X-Key: \"{{a}}\"}",
        bad: "{X-Key: ›[a]}")

    private static let method = Key<AuthDraft>(
        "method", "The method of the token request.", .method, into: \.request.method, fallback: "GET", good: "POST",
        bad: "post")

    private static let json = Key<AuthDraft>(
        "json", "A body as JSON.", .json, into: \.request.json, fallback: "no body", good: "{user: \"{{a}}\"}",
        bad: "{user: ›\"{{a\"}")

    private static let form = Key<AuthDraft>(
        "form", "A body as a form.", .parameters, into: \.request.form, fallback: "no body", good: "{user: \"{{a}}\"}",
        bad: "›[a]")

    private static let url = Key<AuthDraft>(
        "url", "Where the token comes from: a path behind the base URL, or a URL of its own.", .template(), into: \.url,
        fallback: "none", good: "/token", bad: "[a]")

    private static let client: [Key<AuthDraft>] = [
        Key("client_id", "The client.", .template(), into: \.clientID, fallback: "none", good: "\"{{a}}\"", bad: "[a]"),
        Key(
            "client_secret", "Its secret; both go by HTTP Basic.", .template(), into: \.clientSecret, fallback: "none",
            good: "\"{{a}}\"", bad: "[a]"),
        Key(
            "form_encoded", "Whether both are form-encoded before Base64, as RFC 6749, 2.3.1 says.", .bool,
            into: \.isFormEncoded, fallback: "true", good: "false", bad: "no"),
        Key(
            "scope", "The scope that is asked for.", .template(), into: \.scope, fallback: "none", good: "read",
            bad: "[a]"),
    ]

    private static func token(_ fallback: String) -> Key<AuthDraft> {
        Key(
            "token", "Where the answer has the token (RFC 6901).", .pointer, into: \.token, fallback: fallback,
            good: "/token", bad: "token")
    }

    private static func expiresIn(_ fallback: String) -> Key<AuthDraft> {
        Key(
            "expires_in", "Where it has the token's lifetime: seconds, or a time as in \"900s\".", .pointer,
            into: \.expiresIn, fallback: fallback, good: "/expiresIn", bad: "expiresIn")
    }

    private static let lifetime = Key<AuthDraft>(
        "lifetime", "How long a token lives where the answer does not say.", .timeSpanAboveZero, into: \.lifetime,
        fallback: "5min", good: "24h", bad: "0")

    private static func scheme(_ fallback: String) -> Key<AuthDraft> {
        Key(
            "scheme", "The word before the token in Authorization; \"\" for none.",
            Grammar("word or \"\"", ["type": "string"]) { fields, key in
                guard let node = fields.node(key), let text = node.scalar?.string, !node.isNull,
                    text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
                else {
                    fields.add(key, "must be one word, as in Bearer, or \"\"")
                    return nil
                }
                return text
            }, into: \.scheme, fallback: fallback, good: "Token", bad: "›\"a b\"")
    }
}

extension Grammar where Value == Auth {
    /// What `kind` is decides which other keys there are.
    static let auth = Grammar(
        "mapping with a kind",
        [
            "type": "object", "required": ["kind"],
            "properties": ["kind": Schema.choice(AuthDraft.Kind.allCases.map(\.rawValue))],
        ]
    ) { fields, key in
        guard let node = fields.node(key) else { return nil }
        let word = node.mapping?["kind"]?.scalar?.string
        guard let kind = word.flatMap(AuthDraft.Kind.init(rawValue:)) else {
            let names = AuthDraft.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            fields.problems.add(
                at: node.mapping?["kind"]?.position ?? node.position, "\"\(key)\" must have a \"kind\": one of \(names)"
            )
            return nil
        }
        var draft = AuthDraft()
        let before = fields.problems.problems.count
        let name = "\"\(key)\" of kind \(kind.rawValue)"
        guard AuthDraft.keys(of: kind).read(node, name: name, fields.problems, into: &draft),
            fields.problems.problems.count == before
        else { return nil }
        if let complaint = AuthDraft.complaint(draft) {
            fields.add(key, complaint)
            return nil
        }
        return draft.auth
    }
}
