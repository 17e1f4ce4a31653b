import CharonCore

/// Project Monitor's API: a raw JWT or an API key, matrix parameters, imports whose 302 is an answer.
struct ProjectMonitorDouble: APIDouble {
    /// How an import ends.
    enum Ending: Sendable { case done, functionalError, serversOwnPage, technicalError, interrupted }

    /// A file that came in.
    struct Import: Sendable {
        let identifier: String
        let login: String
        let fileName: String
        let type: String?
        let bytes: [UInt8]
        let waited: Bool
    }

    static let root = "/MonitorMakerWeb/api"
    private static let type = "application/json;charset=UTF-8"

    let login: String
    let password: String
    let key: String
    /// Logins that may not import.
    var withoutRight: Set<String> = []
    var ending = Ending.done
    var isRunning = false
    /// What the list of projects is, as it stands there.
    var projects = "[]"

    private(set) var tokens = Tokens()
    private(set) var imports: [Import] = []
    /// The matrix parameters by which projects were asked for.
    private(set) var searches: [[String: String]] = []

    init(login: String, password: String, key: String) {
        self.login = login
        self.password = password
        self.key = key
    }

    mutating func expireTokens() { tokens.expire() }
    mutating func revokeTokens() { tokens.revoke() }
    mutating func giveStillbornTokens(_ count: Int) { tokens.stillborn = count }

    func form(_ refusal: Refusal) -> StubServer.Answer { error(refusal.status, refusal.reason) }

    private func error(_ status: Int, _ message: String) -> StubServer.Answer {
        .json(status, ["code": .string("PM-\(status)"), "message": .string(message)], type: Self.type)
    }

    mutating func answer(_ request: StubServer.Request) throws -> StubServer.Answer {
        // Whoever comes here has taken a 302 for a redirect.
        try demand(!request.route.contains("/trap"), 500, "a 302 was followed")
        try demand(request.route.hasPrefix("\(Self.root)/"), 404, "no such path")
        try demand(try request.accepts("application/json"), 406, "Accept: application/json is required")
        let path = request.route.dropFirst(Self.root.count)
        if path == "/auth/jwt/token" { return try token(request) }
        try authenticate(request)
        if path.hasPrefix("/import/") { return try receive(request, String(path.dropFirst("/import/".count))) }
        if path == "/projects/" || path.hasPrefix("/projects/;") { return try search(request, path) }
        throw Refusal(404, "no such path")
    }

    private mutating func token(_ request: StubServer.Request) throws -> StubServer.Answer {
        try demand(request.method == "GET", 405, "the token is asked for by GET")
        try demand(request.bytes.isEmpty && request.path == request.route, "this call has neither body nor query")
        try demand(try request.header("Authorization") == nil, "no token is needed to get one")
        let given = (try request.header("X-PM-LOGIN") ?? "", try request.header("X-PM-PASSWORD") ?? "")
        try demand(given == (login, password), 401, "unknown login or wrong password")
        return .json(200, ["token": .string(tokens.give("jwt"))], type: Self.type)
    }

    /// A JWT alone in its header, or the key, looked for in the documented order.
    private func authenticate(_ request: StubServer.Request) throws {
        try demand(try request.header("X-PM-PASSWORD") == nil, "the password is for the token only")
        if let given = try request.header("X-PM-API-KEY") { return try demand(given == key, 401, "wrong API key") }
        if let given = try request.basic()?.user { return try demand(given == key, 401, "wrong API key as login") }
        if let given = try request.header("Authorization") {
            try demand(!given.contains(" "), 401, "a scheme word stands before the token")
            return try tokens.check(given)
        }
        let given = try request.query().first { $0.name == "apikey" }?.value
        try demand(given == key, 401, "no token and no API key")
    }

    private mutating func receive(_ request: StubServer.Request, _ path: String) throws -> StubServer.Answer {
        try demand(request.method == "POST", 405, "an import is a POST")
        let identifier = try StubServer.Request.decoded(path)
        let known = identifier.wholeMatch(of: /IMPORT_[A-Z_]+|SYNCHROPROJET|TEST|SYNCHROFINANCIERE\/importType\/[^\/]+/)
        try demand(known != nil, "no such import: \(identifier)")
        var user: String?
        for (name, value) in try request.query() where name != "apikey" {
            try demand(name == "login" && user == nil, "no such parameter: \(name)")
            user = value
        }
        guard let user else { throw Refusal(401, "no login") }
        try demand(user == login || withoutRight.contains(user), 401, "unknown login")
        if withoutRight.contains(user) { throw Refusal(403, "no right to import", isFault: false) }
        var fields: [String: Multipart.Part] = [:]
        for part in try Multipart(request).parts {
            try demand(["attachment", "wait", "isrunning"].contains(part.name), "no such field: \(part.name)")
            try demand(fields.updateValue(part, forKey: part.name) == nil, "\(part.name) is there twice")
            try demand((part.name == "attachment") == (part.fileName != nil), "\(part.name) is a file or is none")
        }
        for name in ["wait", "isrunning"] {
            try demand(fields[name].map { $0.text == "true" } != false, "\(name) is not 'true'")
        }
        if fields["isrunning"] != nil {
            return isRunning
                ? .reply(302, "", type: Self.type, ["Location": "\(Self.root)/trap"]) : .reply(204, "", type: Self.type)
        }
        guard let file = fields["attachment"] else { throw Refusal(400, "no attachment") }
        let waits = fields["wait"] != nil
        imports.append(
            Import(
                identifier: identifier, login: user, fileName: file.fileName ?? "", type: file.type, bytes: file.bytes,
                waited: waits))
        return outcome
    }

    private var outcome: StubServer.Answer {
        switch ending {
        case .done: .json(200, ["message": "Import done"], type: Self.type)
        case .functionalError: error(400, "line 3: no such project")
        case .serversOwnPage:
            .reply(
                400,
                "<html><head><title>Bad\nRequest</title></head><body><h1>secret inside</h1></body></html>",
                type: "text/html;charset=UTF-8")
        case .technicalError: error(500, "NullPointerException")
        case .interrupted: error(503, "interrupted by a user")
        }
    }

    private mutating func search(_ request: StubServer.Request, _ path: Substring) throws -> StubServer.Answer {
        try demand(request.method == "GET" && request.bytes.isEmpty, 405, "no GET without a body")
        var parameters: [String: String] = [:]
        for pair in path.dropFirst("/projects/".count).split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            try demand(sides.count == 2, "no name=value: \(pair)")
            parameters[try StubServer.Request.decoded(String(sides[0]))] = try StubServer.Request.decoded(
                String(sides[1]))
        }
        for (name, value) in parameters where value.contains("T") && value.first?.isNumber == true {
            let isDate = value.wholeMatch(of: /\d{4}-\d\d-\d\dT00:00:00/) != nil
            try demand(isDate && name != "attributs", "no readable date here: \(value)")
        }
        searches.append(parameters)
        return .reply(200, projects, type: Self.type)
    }
}
