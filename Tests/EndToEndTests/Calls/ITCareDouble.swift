import CharonCore

/// ITCare's API: tokens for a client's id and secret, actions that go on after their answer, dry runs.
///
/// Paths and names of fields that the documentation does not state come from the test.
struct ITCareDouble: APIDouble {
    let clientID: String
    let clientSecret: String
    var actionMethod = "POST"
    let actionPath: String
    /// Where an operation is asked for; its id follows.
    let operationPath: String
    let operationField: String
    let statusField: String
    let dryRunHeader: String
    /// A list that can be asked for from a date on.
    var listPath = "/list"

    /// Of the tokens; in seconds.
    var lifetime: Int64 = 300
    var givesRefreshTokens = false
    /// How often an operation is still under way when it is asked for.
    var pollsUntilDone = 2
    /// How operations end.
    var result = "SUCCESS"
    /// Whether the dry-run header comes back.
    var echoesDryRun = true
    /// Fails the next actions with this status and body.
    var failure: (status: Int, body: String)?
    /// Lets the tokens expire once, when an operation is asked for.
    var expiresInMidWait = false

    private(set) var access = Tokens()
    private(set) var refresh = Tokens()
    /// The grants by which tokens were asked for.
    private(set) var grants: [String] = []
    /// The bodies of the actions that were carried out, and of those that were only validated.
    private(set) var actions: [JSON] = []
    private(set) var dryRuns: [JSON] = []
    private var polls: [String: Int] = [:]

    init(
        clientID: String, clientSecret: String, actionPath: String, operationPath: String, operationField: String,
        statusField: String, dryRunHeader: String
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.actionPath = actionPath
        self.operationPath = operationPath
        self.operationField = operationField
        self.statusField = statusField
        self.dryRunHeader = dryRunHeader
    }

    mutating func expireTokens() { access.expire() }
    mutating func revokeTokens() { access.revoke() }
    mutating func giveStillbornTokens(_ count: Int) { access.stillborn = count }

    func form(_ refusal: Refusal) -> StubServer.Answer {
        let challenge = refusal.status == 401 ? "Bearer error=\"invalid_token\"" : "none"
        return .json(refusal.status, ["error": .string(refusal.reason)], ["WWW-Authenticate": challenge])
    }

    mutating func answer(_ request: StubServer.Request) throws -> StubServer.Answer {
        if request.route == "/token" { return try token(request) }
        guard let value = try request.header("Authorization"), value.hasPrefix("Bearer ") else {
            throw Refusal(401, "no Authorization: Bearer")
        }
        try access.check(String(value.dropFirst("Bearer ".count)))
        try demand(try request.accepts("application/json"), 406, "what is answered is JSON")
        if request.route == actionPath { return try action(request) }
        if request.route == listPath { return try list(request) }
        try demand(request.route.hasPrefix("\(operationPath)/"), 404, "no such path")
        try demand(request.method == "GET", 405, "operations are only asked for")
        try demand(request.bytes.isEmpty, "a GET has no body")
        return try operation(String(request.route.dropFirst(operationPath.count + 1)))
    }

    /// RFC 6749, 4.4 and 6, with the client authentication of 2.3.1.
    private mutating func token(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.method == "POST", 405, "tokens are asked for by POST")
        try demand(request.path == "/token", "the query of /token is empty")
        guard let client = try request.basic() else { throw Refusal(401, "the client authenticates by HTTP Basic") }
        let identity = (try Self.credential(client.user), try Self.credential(client.password))
        guard identity == (clientID, clientSecret) else { throw Refusal(401, "no such client") }
        var fields: [String: String] = [:]
        for (name, value) in try request.form() {
            try demand(fields.updateValue(value, forKey: name) == nil, "\(name) is there twice")
        }
        try demand(fields["client_id"] == nil && fields["client_secret"] == nil, "two client authentications at once")
        guard let grant = fields["grant_type"] else { throw Refusal(400, "no grant_type") }
        switch grant {
        case "client_credentials": break
        case "refresh_token":
            try demand(givesRefreshTokens, "no refresh token was given out")
            try refresh.check(fields["refresh_token"] ?? "")
            refresh.expire()
        default: throw Refusal(400, "no such grant: \(grant)")
        }
        grants.append(grant)
        let answer: JSON = [
            "access_token": .string(access.give("it-access")), "token_type": "Bearer", "expires_in": .integer(lifetime),
            "refresh_token": givesRefreshTokens ? .string(refresh.give("it-refresh")) : nil,
        ]
        return .json(200, answer, ["Cache-Control": "no-store"])
    }

    /// RFC 6749 has both encoded as in a form before they are joined.
    private static func credential(_ text: String) throws -> String {
        try StubServer.Request.pairs("x=\(text)", "&")[0].value
    }

    private mutating func action(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.method == actionMethod, 405, "not by this method")
        try demand(try request.contentType() == "application/json", 415, "payloads are JSON")
        guard let body = try? JSON.parse(request.bytes), body.members != nil else {
            throw Refusal(400, "no JSON object")
        }
        if let failure { return .reply(failure.status, failure.body, type: "application/json") }
        if let value = try request.header(dryRunHeader) {
            dryRuns.append(body)
            return .json(200, ["valid": true], echoesDryRun ? [dryRunHeader: value] : [:])
        }
        actions.append(body)
        let id = "op/\(actions.count) é"
        polls[id] = 0
        return .json(202, .object([JSON.Member(operationField, .string(id))]))
    }

    private mutating func operation(_ segment: String) throws -> StubServer.Answer {
        let id = try StubServer.Request.decoded(segment)
        guard let count = polls[id], !segment.contains("/") else { throw Refusal(404, "no such operation") }
        if expiresInMidWait, count == 1 {
            expiresInMidWait = false
            access.expire()
            throw Refusal(401, "the token has expired", isFault: false)
        }
        polls[id] = count + 1
        let status = count < pollsUntilDone ? "IN_PROGRESS" : result
        return .json(200, .object([JSON.Member(statusField, .string(status))]))
    }

    private func list(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.method == "GET", 405, "a list is asked for by GET")
        for (name, value) in try request.query() {
            try demand(name == "from", "no such parameter: \(name)")
            let isDate = value.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}/) != nil
            try demand(isDate, "no ISO 8601 date with an offset: \(value)")
        }
        return .json(200, [["from": .string(try request.query().first?.value ?? "")]])
    }
}
