import CharonCore
import CharonJobs
import HTTPTypes

extension RequestTemplate {
    static let keys: [Key<RequestTemplate>] = [
        Key(
            "method", "The method.", .method, into: \.method, fallback: "GET", good: "POST", bad: "post"),
        Key(
            "path",
            "What stands behind the base URL (required). A value becomes one step of the path; {{+name}} puts in a path "
                + "as it is, without steps \"..\".", .path, into: \.path, fallback: "none",
            good: "\"/import/{{a}}\"", bad: "import"),
        Key(
            "matrix", "Matrix parameters behind the path, as in /projects;year=2012.", .matrix, into: \.matrix,
            fallback: "none", good: "{year: \"2012\", a: \"{{a}}\"}", bad: "{year: ›[1]}"),
        Key(
            "query",
            "Query parameters, percent-encoded, '+' too; a list repeats the name, and {value:, omit_if_empty: true} is "
                + "left out where it is empty.", .parameters, into: \.query, fallback: "none",
            good: "{from: \"{{now}}\", id: [1, 2], q: {value: \"{{a}}\", omit_if_empty: true}}",
            bad: "{from: ›{omit_if_empty: true}}"),
        Key(
            "headers", "Headers; without Accept, application/json is accepted.", .headers, into: \.headers,
            fallback: "none", good: "{X-Tenant: \"{{a}}\"}", bad: "{›\"X Tenant\": a}"),
        Key(
            "json",
            "The body as JSON, written as YAML; a text that is exactly one tag takes the type of its variable.", .json,
            into: \.json, fallback: "no body", good: "{domain: \"{{a}}\", count: 3}", bad: "{domain: ›\"{{a\"}"),
        Key(
            "form", "The body as application/x-www-form-urlencoded, written as query is.",
            Grammar<[Parameter]>.parameters, into: \.form, fallback: "no body", good: "{grant: \"{{a}}\"}",
            bad: "›[grant]"),
        Key(
            "multipart", "The body as multipart/form-data; files are streamed from the disk.", Grammar<[Part]>.parts,
            into: \.multipart, fallback: "no body",
            good: "{wait: \"true\", attachment: {file: \"{{a}}\", content_type: text/csv}}",
            bad: "{attachment: ›{name: a}}"),
    ]

    /// What is wrong with a request as a whole.
    static let complaint: @Sendable (RequestTemplate) -> String? = { request in
        if request.path == nil { return "has no \"path\": say what stands behind the base URL, as in /projects" }
        let bodies = [request.json != nil, request.form != nil, request.multipart != nil].count { $0 }
        if bodies > 1 { return "has several bodies: keep one of json, form and multipart" }
        if bodies == 1, let method = request.method.known, method == .get || method == .head {
            return "has a body, which \(method.rawValue) does not take: say another method"
        }
        return nil
    }

    static let grammar = Grammar.mapping(keys, RequestTemplate()).checked(complaint)
}

extension RequestTemplate.FilePart {
    static let keys: [Key<RequestTemplate.FilePart>] = [
        Key(
            "file", "The file to send (required).", .template(), into: \.path, fallback: "none", good: "\"{{a}}\"",
            bad: "[a]"),
        Key(
            "content_type", "Its media type.", .template(), into: \.contentType, fallback: "application/octet-stream",
            good: "text/csv", bad: "[a]"),
        Key(
            "name", "The file name that is told.", .template(), into: \.fileName, fallback: "the name of the file",
            good: "a.csv", bad: "[a]"),
    ]
}

extension Expect {
    static let keys: [Key<Expect>] = [
        Key(
            "success", "Statuses that are success.", .statuses, into: \.success, fallback: "200-299",
            good: "[200, 201]", bad: "ok"),
        Key(
            "answers",
            "Statuses that are answers of their own, with their meaning: it is printed, and the call ends with 0. "
                + "Redirects are never followed.", .answers, into: \.answers, fallback: "none",
            good: "{302: an import runs, 204: no import runs}", bad: "{›running: an import runs}"),
        Key(
            "json", "A success whose body says that it is none.",
            Grammar.mapping(BodyFailure.keys, BodyFailure()).checked {
                $0.pointer == nil || $0.failed.isEmpty ? "needs \"pointer\" and \"failed\"" : nil
            }, into: \.json, fallback: "none", good: "{pointer: /status, failed: [ERROR]}", bad: "{failed: ›[]}"),
    ]
}

extension Expect.BodyFailure {
    static let keys: [Key<Expect.BodyFailure>] = [
        Key(
            "pointer", "Where the body says it (RFC 6901).", .pointer, into: \.pointer, fallback: "none",
            good: "/status", bad: "status"),
        Key(
            "failed", "Values that stand for failure.", .words(), into: \.failed, fallback: "none", good: "[ERROR]",
            bad: "[]"),
    ]
}

extension Retry {
    static let keys: [Key<Retry>] = [
        Key(
            "maxRetries", "The most further attempts of one request.", .integer(0...100), into: \.most, fallback: "3",
            good: "5", bad: "101"),
        Key(
            "backoffSeconds", "Seconds before the first of them.", .decimal(0...3600), into: \.backoffSeconds,
            fallback: "1", good: "0.5", bad: "1s"),
        Key(
            "backoffMultiplier", "Each further delay is so many times the one before it.", .decimal(1...10),
            into: \.multiplier, fallback: "2", good: "1.5", bad: "0"),
        Key(
            "on",
            "What is tried again: unreachable (no connection or no answer), and statuses. Retry-After is honoured.",
            .reasons, into: \.reasons, fallback: "[unreachable, 429, 503]", good: "[unreachable, 502]", bad: "[›200]"),
        Key(
            "after_sent",
            "Whether a POST or PATCH is sent again although it may have been executed. 429 means that it was not.",
            .bool, into: \.isAllowedAfterSending, fallback: "false", good: "true", bad: "maybe"),
    ]
}

extension Step.Save {
    static let keys: [Key<Step.Save>] = [
        Key(
            "file", "Its path (required).", .template(), into: \.file, fallback: "none", good: "/srv/a.csv", bad: "[a]"),
        Key("mode", "Its permissions.", .fileMode, into: \.mode, fallback: "0640", good: "\"0600\"", bad: "rw"),
    ]
}

extension Step {
    /// The keys of a step, which stand beside `request` in a file without `steps`.
    static let keys: [Key<Step>] = [
        Key(
            "request", "What is sent (required, here or in steps).", RequestTemplate.grammar, into: \.request,
            fallback: "none", good: "{method: GET, path: /projects}", bad: "{method: GET, path: ›projects}"),
        Key(
            "expect", "What the statuses of the answer mean.", .mapping(Expect.keys, Expect()), into: \.expect,
            fallback: "200-299 are success", good: "{success: 201}", bad: "{success: ›99}"),
        Key(
            "wait", "Another request that is repeated until it says that what was begun is done or failed.",
            Grammar.mapping(Wait.keys, Wait()).checked(Wait.complaint), into: \.wait, fallback: "none",
            good: "{request: {path: /operations}, until: {pointer: /status, done: [SUCCESS], failed: [ERROR]}}",
            bad: "›{interval: 5s}"),
        Key(
            "values",
            "Names for what stands in the answer, by JSON pointers (RFC 6901), for wait, output, save and later steps.",
            .pointed, into: \.values, fallback: "none", good: "{operation: /operationId}",
            bad: "{operation: ›operationId}"),
        Key(
            "retry", "When a request is sent again.", .mapping(Retry.keys, Retry()), into: \.retry,
            fallback: "that of its keys", good: "{maxRetries: 5, on: [unreachable]}", bad: "{maxRetries: ›-1}"),
        Key(
            "output",
            "Lines to print at the end; {{json}} is the body of the last answer, {{status}} its status.",
            .templates(most: 100), into: \.output, fallback: "none", good: "[\"{{status}}\", \"{{json}}\"]",
            bad: "›{a: b}"),
        Key(
            "save",
            "A file for the body of the last answer, by rename: an existing one stays if the call fails.",
            Grammar.mapping(Save.keys, Save()).checked { $0.file == nil ? "has no \"file\"" : nil },
            into: \.save, fallback: "none", good: "{file: /srv/report.csv, mode: \"0600\"}", bad: "{mode: ›\"0999\"}"),
    ]

    /// The keys of an element of `steps`.
    static let named: [Key<Step>] =
        [
            Key(
                "name", "A name for its lines (required).",
                .text("name", rule: "one line of at most 100 bytes") { text in
                    text.utf8.count <= 100 && !text.contains(where: \.isControl) ? text : nil
                }, into: \.name, fallback: "none", good: "find", bad: "\"\"")
        ] + keys
}
