import CharonCore

/// Actito's API: a raw key buys a token for fifteen minutes, and goes nowhere else.
struct ActitoDouble: APIDouble {
    let key: String
    /// What the routes answer, by path.
    var answers: [String: JSON]
    private(set) var tokens = Tokens()

    init(key: String, answers: [String: JSON]) {
        self.key = key
        self.answers = answers
    }

    mutating func expireTokens() { tokens.expire() }
    mutating func revokeTokens() { tokens.revoke() }
    mutating func giveStillbornTokens(_ count: Int) { tokens.stillborn = count }

    func form(_ refusal: Refusal) -> StubServer.Answer {
        .json(refusal.status, ["status": .integer(Int64(refusal.status)), "message": .string(refusal.reason)])
    }

    mutating func answer(_ request: StubServer.Request) throws -> StubServer.Answer {
        if request.route == "/auth/token" { return try token(request) }
        let everything = [request.path, request.body] + request.fields.map(\.value)
        try demand(!everything.contains { $0.contains(key) }, 401, "the key is never sent with a call")
        guard let value = try request.header("Authorization"), value.hasPrefix("Bearer ") else {
            throw Refusal(401, "no Authorization: Bearer")
        }
        try tokens.check(String(value.dropFirst("Bearer ".count)))
        try demand(request.route.wholeMatch(of: /\/v[45]\/.+/) != nil, 404, "a path begins with /v4/ or /v5/")
        try demand(request.method == "GET" && request.bytes.isEmpty, 405, "no GET without a body")
        guard let answer = answers[try StubServer.Request.decoded(request.route)] else {
            throw Refusal(404, "no such path", isFault: false)
        }
        _ = try request.query()
        return .json(200, answer)
    }

    private mutating func token(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.method == "GET" && request.path == "/auth/token", 405, "no bare GET /auth/token")
        try demand(request.bytes.isEmpty, "a GET has no body")
        try demand(try request.header("Accept") == "application/json", 406, "no Accept: application/json")
        // The whole header is the key: a scheme word before it makes it another one.
        try demand(try request.header("Authorization") == key, 401, "the key is not the value of Authorization")
        return .json(
            200,
            [
                "accessToken": .string(tokens.give("actito")), "tokenType": "bearer", "expiresIn": "900s",
                "scope": "read write", "jti": "5e2c1c6e-2f0f-4bd0-9f0b-1d9d3a3f1d0a",
            ])
    }
}
