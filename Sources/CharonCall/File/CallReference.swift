package import CharonCore
import CharonJobs

/// The reference and the schema of call files, made from the tables that also decode them.
package enum CallReference {
    /// JSON Schema (draft 2020-12) of a call file.
    ///
    /// It tells an editor most of what would be refused; which keys `auth` has depends on its kind.
    package static let schema: JSON = {
        let described = CallFile.keys.map(\.description)
        let members: [JSON.Member] = [
            JSON.Member("$schema", "https://json-schema.org/draft/2020-12/schema"),
            JSON.Member("title", "A call file of charon-call"),
        ]
        return .object(members + (Schema.mapping(described, required: ["base_url"]).members ?? []))
    }()

    /// All keys with their defaults and examples, in Markdown.
    package static let markdown: String = {
        var text = introduction
        text += "\n## The file\n" + CallFile.own.map { KeyReference.text(of: $0.description) }.joined()
        text += "\n## The request and its answer\n\nBeside the keys above, or in each of `steps`.\n"
        text += Step.keys.map { KeyReference.text(of: $0.description) }.joined()
        for kind in AuthDraft.Kind.allCases {
            text += "\n## auth of kind \(kind.rawValue)\n\n\(purpose(of: kind))\n"
            text += AuthDraft.keys(of: kind).dropFirst().map { KeyReference.text(of: $0.description, under: "auth.") }
                .joined()
        }
        return text + exits
    }()

    private static let introduction = """
        # Call files

        What `charon-call FILE [name=value …]` reads. This page is made from the table that decodes call files
        (`charon-call --reference`).

        ## Overview

        ```yaml
        base_url: https://api.example.org
        variables:
          entity: {description: "Whose ETLs"}
          key: {file: /etc/charon/secrets/api.key}
        auth: {kind: key_exchange, url: /auth/token, key: "{{key}}", token: /accessToken, expires_in: /expiresIn}
        request: {path: "/v5/entities/{{entity}}/etls"}
        output: "{{json}}"
        ```

        `{{name}}` stands for a variable, for a value of an earlier answer, or for one of `now` (the time of the call, as
        in `2026-11-22T23:15:00+0100`), `nominal` (when the run was due, else now), `run` and `slug` (of the run that the
        call belongs to); `output` and `progress` also have `json` and `status`. Values are encoded for the place where
        they stand. Sections, partials and other tags of Mustache are refused, and so is a name that stands for nothing.

        A time is a number of seconds, or numbers with units (ms, s, m or min, h, d, w), as in `90s` or `1h30m`. A status
        is a number from 100 to 599, a range such as `200-299`, or a list of such. Keys are refused unless they are told
        here; every mistake is named with file, line and column. Anchors and aliases are not taken.

        Secrets are in no line that is printed. Nobody but root and the caller may write the file; a secret's `file` may be
        read by its owner and group only. Tokens are kept in `$CACHE_DIRECTORY`, `$XDG_CACHE_HOME` or `~/.cache`, below
        `charon-call`, in files 0600, and renewed 30 seconds (or a tenth of their life) before they end, and once when the
        API answers 401; two processes at once ask for one token.

        A POST or PATCH is not sent again once it may have been executed, unless `after_sent` says so. Proxies are those of
        `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, as for curl(1).

        """

    private static func purpose(of kind: AuthDraft.Kind) -> String {
        switch kind {
        case .headers: "The same headers with each request."
        case .basic: "HTTP Basic (RFC 7617)."
        case .queryKey: "A key as a query parameter: it ends up in the logs of servers and proxies."
        case .clientCredentials:
            "OAuth 2.0 client credentials (RFC 6749, 4.4): a POST with HTTP Basic gives a token, and a refresh token is used "
                + "if there is one."
        case .keyExchange: "A request with the key in `Authorization`, as it is, gives a token."
        case .login: "A request with login headers, or a body, gives a token."
        }
    }

    private static var exits: String {
        let rows = CallExit.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
        return "\n## Exit codes\n\n| code | |\n| --- | --- |\n" + rows.joined(separator: "\n") + "\n"
    }
}
