import CharonCore

/// Cegid Loop's subscriptions: two secrets on each call.
///
/// How a subscription is suspended and deleted the documentation does not state; it comes from the test.
struct CegidLoopDouble: APIDouble {
    /// A method and a path.
    struct Route: Sendable {
        let method: String
        let path: String
    }

    static let base = "/loop-api-publiques"

    let subscriptionKey: String
    let apiKey: String
    let suspend: Route
    let delete: Route
    /// Fails the next calls with this status and body.
    var failure: (status: Int, body: String)?

    private(set) var subscriptions: [JSON] = []
    /// The bodies by which they were changed.
    private(set) var changes: [JSON] = []
    private(set) var deletions = 0
    private var count = 0

    init(subscriptionKey: String, apiKey: String, suspend: Route, delete: Route) {
        self.subscriptionKey = subscriptionKey
        self.apiKey = apiKey
        self.suspend = suspend
        self.delete = delete
    }

    /// What every answer carries.
    private var marks: KeyValuePairs<String, String> { ["requestid": "rq-\(count)", "x-request-id": "xrq-\(count)"] }

    func form(_ refusal: Refusal) -> StubServer.Answer {
        .json(
            refusal.status, ["statusCode": .integer(Int64(refusal.status)), "message": .string(refusal.reason)], marks)
    }

    mutating func answer(_ request: StubServer.Request) throws -> StubServer.Answer {
        count += 1
        try demand(try request.header("Ocp-Apim-Subscription-Key") == subscriptionKey, 401, "no subscription key")
        try demand(try request.header("x-apikey") == apiKey, 401, "no API key")
        try demand(try request.header("Authorization") == nil, "this API has no Authorization")
        if let failure { return .reply(failure.status, failure.body, type: "application/json", marks) }
        let route = Route(method: request.method, path: request.route)
        switch (route.method, route.path) {
        case ("POST", "\(Self.base)/subscriptions"): return try create(request)
        case ("GET", "\(Self.base)/subscriptions"): return try read(request)
        case (suspend.method, Self.base + suspend.path):
            changes.append(try object(request))
            return .json(200, subscriptions.last ?? .null, marks)
        case (delete.method, Self.base + delete.path):
            deletions += 1
            return .reply(204, "", type: "application/json", marks)
        default: throw Refusal(404, "no such path")
        }
    }

    private func object(_ request: StubServer.Request) throws -> JSON {
        try demand(try request.contentType() == "application/json", 415, "the body is JSON")
        guard let body = try? JSON.parse(request.bytes), body.members != nil else {
            throw Refusal(400, "no JSON object")
        }
        return body
    }

    private mutating func create(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.path == request.route, "this call has no query")
        let body = try object(request)
        try Self.validate(body)
        // The sink comes back as it was sent: an API may show what a client has to hide.
        let made: [JSON.Member] = [
            JSON.Member("id", .string("sub-\(subscriptions.count + 1)")), JSON.Member("key", "k-1"),
        ]
        let subscription = JSON.object(made + (body.members ?? []))
        subscriptions.append(subscription)
        return .json(201, subscription, marks)
    }

    private func read(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.bytes.isEmpty, "a GET has no body")
        var found = subscriptions
        for (name, value) in try request.query() {
            switch name {
            case "id", "domain": found = found.filter { $0[name]?.string == value }
            case "topic": found = found.filter { $0["topics"]?.array?.contains(.string(value)) == true }
            default: throw Refusal(400, "no such parameter: \(name)")
            }
        }
        return .json(200, .array(found), marks)
    }

    /// Holds a body against the documented fields.
    private static func validate(_ body: JSON) throws {
        try members(of: body, "the body", ["domain", "suspended", "topics", "keyFilters", "applicationId", "sink"])
        try demand(body["domain"]?.string?.isEmpty == false, "domain is no text")
        try demand(body["suspended"]?.bool != nil, "suspended is no boolean")
        try demand(body["applicationId"]?.string?.isEmpty == false, "applicationId is no text")
        let topics = body["topics"]?.array ?? []
        try demand(!topics.isEmpty && topics.allSatisfy { $0.string != nil }, "topics is no list of texts")
        guard let filters = body["keyFilters"]?.array else { throw Refusal(400, "keyFilters is no list") }
        for filter in filters {
            try members(of: filter, "a key filter", ["key", "status", "initializer"])
            try demand(filter["key"]?.string != nil, "the key of a filter is no text")
            let status = filter["status"]?.string ?? "new"
            try demand(["new", "pending", "ready", "failed"].contains(status), "no status of a filter: \(status)")
        }
        try validate(sink: body["sink"] ?? .null)
    }

    private static func validate(sink: JSON) throws {
        try members(of: sink, "sink", ["type", "credentials", "options", "retryPolicy"])
        let (credentials, options): (Set<String>, Set<String>) =
            switch sink["type"]?.string {
            case "Azure Blob Storage": (["accountName", "accountKey"], ["containerName", "folderName"])
            case "AWS S3": (["accessKeyId", "secretAccessKey", "region"], ["bucketName", "folderName"])
            default: throw Refusal(400, "no type of a sink: \(sink["type"] ?? .null)")
            }
        for (field, names) in [("credentials", credentials), ("options", options)] {
            let value = sink[field] ?? .null
            try members(of: value, field, names)
            try demand(names.allSatisfy { value[$0]?.string?.isEmpty == false }, "\(field) is not complete")
        }
        let policy = sink["retryPolicy"] ?? .null
        let names: Set<String> = ["maxRetries", "backoffSeconds", "backoffMultiplier"]
        try members(of: policy, "retryPolicy", names)
        try demand(names.allSatisfy { policy[$0]?.number != nil }, "retryPolicy is not complete, or no numbers")
    }

    private static func members(of value: JSON, _ what: String, _ allowed: Set<String>) throws {
        guard let members = value.members else { throw Refusal(400, "\(what) is no object") }
        for member in members { try demand(allowed.contains(member.name), "\(what) has no \(member.name)") }
    }
}
