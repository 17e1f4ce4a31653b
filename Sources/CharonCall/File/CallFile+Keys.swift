import CharonCore
import CharonJobs
import Yams

extension CallFile {
    /// The keys of a call file: what decodes it, makes its JSON Schema and documents it.
    static let keys: [Key<CallFile>] = own + Step.keys.map { $0.lifted(\.single) }

    static let own: [Key<CallFile>] = [
        Key(
            "base_url", "What stands before the path of each request (required). http goes to this host itself only.",
            .template(), into: \.baseURL, fallback: "none", good: "\"https://{{a}}.example.org/api\"", bad: "[a]"),
        Key(
            "allow_plain_http", "Lets secrets go over the network in the clear.", .bool, into: \.allowsPlainHTTP,
            fallback: "false", good: "true", bad: "sometimes"),
        Key(
            "ca_file", "Certificates to trust instead of the system's, in PEM.", .path(), into: \.caFile,
            fallback: "the system's", good: "/etc/ssl/corp.pem", bad: "corp.pem"),
        Key(
            "timeout", "How long one request may take, connection and body included.", .timeSpanAboveZero,
            into: \.timeout, fallback: "30s", good: "2min", bad: "0"),
        Key(
            "deadline", "How long all may take, waiting included.", .timeSpanAboveZero, into: \.deadline,
            fallback: "1h",
            good: "10min", bad: "late"),
        Key(
            "variables", "Names for values, used as {{name}}.", .variables, into: \.variables, fallback: "none",
            good: "{a: {default: b}}", bad: "{a: {type: ›text}}"),
        Key(
            "auth", "How requests are authenticated.", .auth, into: \.auth, fallback: "not at all",
            good: "{kind: basic, user: u, password: \"{{a}}\"}", bad: "{kind: ›digest}"),
        Key(
            "log_headers", "Headers of answers that are printed with each of them.", .headerNames,
            into: \.loggedHeaders,
            fallback: "none", good: "[requestid, x-request-id]", bad: "[›\"a b\"]"),
        Key(
            "server_dry_run", "The header that has the API check a request without doing it, for --server-dry-run.",
            Grammar.mapping(ServerDryRun.keys, ServerDryRun()).checked { $0.header == nil ? "has no \"header\"" : nil },
            into: \.serverDryRun, fallback: "none", good: "{header: X-Dry-Run, value: \"true\"}",
            bad: "{header: ›\"a b\"}"),
        Key(
            "steps",
            "Up to eight requests one after the other, each with a name and the keys that are told below; values are "
                + "handed on.",
            .steps, into: \.steps, fallback: "none: there is one request", good: "[{name: find, request: {path: /}}]",
            bad: "[{name: find, request: {path: ›find}}]"),
    ]
}

extension CallFile.ServerDryRun {
    static let keys: [Key<CallFile.ServerDryRun>] = [
        Key(
            "header", "Its name (required).",
            .header, into: \.header, fallback: "none", good: "X-Dry-Run", bad: "\"a b\""),
        Key("value", "What it says.", .template(), into: \.value, fallback: "true", good: "\"1\"", bad: "[a]"),
    ]
}

extension Grammar where Value == [Step] {
    static let steps = Grammar(
        "list of mappings",
        [
            "type": "array", "minItems": 1, "maxItems": 8,
            "items": Schema.mapping(Step.named.map(\.description), required: ["name", "request"]),
        ]
    ) { fields, key in
        guard let sequence = fields.node(key)?.sequence, (1...8).contains(sequence.count) else {
            fields.add(key, "must be a list of one to eight steps")
            return nil
        }
        return sequence.enumerated().compactMap { index, node in
            var step = Step()
            let before = fields.problems.problems.count
            guard Step.named.read(node, name: "step \(index + 1)", fields.problems, into: &step) else { return nil }
            guard fields.problems.problems.count == before else { return step }
            for (key, isMissing) in [("name", step.name.isEmpty), ("request", step.request == nil)] where isMissing {
                fields.problems.add(.missingKey, at: node.position, "step \(index + 1) has no \"\(key)\"")
            }
            return step
        }
    }
}
