package import CharonCore

/// A test aid: a form of the successful answers to the documented calls, which Charon's document leaves open.
///
/// Refusals and the read API have one form in all dialects.
package enum Dialect: String, CaseIterable, Sendable {
    case standard, active, bare, text, digit, php, camel
    case camelID = "camel-id"
    case snake
    case snakeID = "snake-id"
    case french, reference, data
    case dataID = "data-id"
    case dataBare = "data-bare"
    case dataIDOrNull = "data-id-or-null"
    case idOrNull = "id-or-null"
    case idOrZero = "id-or-zero"
    case idOrObject = "id-or-object"
    case idOrArray = "id-or-array"
    case idOrEmpty = "id-or-empty"
    case created
    case noContent = "no-content"

    /// The dialect of that name.
    ///
    /// - Throws: `usage` with all names for any other.
    package init(_ name: String) throws(CharonError) {
        guard let dialect = Dialect(rawValue: name) else {
            throw CharonError(.usage, "there is no such dialect; use one of\n\(Self.list)")
        }
        self = dialect
    }

    /// All names, one a line, each with its answers.
    package static var list: String {
        NameList.text(
            allCases.map { dialect in
                let yes = dialect.example(.canStart(slug: ""), ["id": 1, "active": true])
                let no = dialect.example(.canStart(slug: ""), ["id": 1, "active": false])
                let start = dialect.example(.start(cron: ""), ["id": 17])
                let remark = dialect.remark.map { "; \($0)" } ?? ""
                return (dialect.rawValue, "can-start: \(yes) or \(no); start: \(start)\(remark)")
            }
        )
    }

    /// The server's answer in this dialect; refusals and the read API's answers stay as they are.
    func spoken(_ answer: Answer, to route: Route) -> Answer {
        guard answer.status == 200, let id = answer.body?["id"]?.integer else { return answer }
        var spoken = answer
        switch route {
        case .canStart: spoken.body = state(id, isActive: answer.body?["active"] == true)
        case .start, .end: spoken.body = named(id, of: .execution)
        case .message where self == .noContent: spoken = Answer(status: 204, body: nil)
        case .message:
            spoken.body = named(id, of: .message)
            if self == .created { spoken.status = 201 }
        case .crons, .executions, .execution, .messages: return answer
        }
        // What PHP calls everything for which no header was set.
        if self == .php { spoken.contentType = "text/html; charset=UTF-8" }
        return spoken
    }

    /// The route of a request whose ids this dialect may have handed out.
    func understood(_ route: Route) -> Route {
        switch route {
        case .start(let cron): .start(cron: identifiers.digits(cron, of: .cron))
        case .end(let execution): .end(execution: identifiers.digits(execution, of: .execution))
        case .message(let execution): .message(execution: identifiers.digits(execution, of: .execution))
        case .canStart, .crons, .executions, .execution, .messages: route
        }
    }

    private var identifiers: IdentifierForm {
        switch self {
        case .text, .french: .digits
        case .snake, .snakeID: .uuid
        case .reference: .reference
        default: .number
        }
    }

    private var remark: String? {
        switch self {
        case .standard: "the default"
        case .php: "labelled text/html"
        case .created: "message: status 201"
        case .noContent: "message: status 204, no body"
        default: nil
        }
    }

    /// The body of can-start; nil for an empty one.
    private func state(_ cron: Int64, isActive: Bool) -> JSON? {
        let id = identifiers.json(cron, of: .cron)
        let active = JSON.bool(isActive)
        switch self {
        case .standard, .reference, .created, .noContent: return ["id": id, "active": active]
        case .active: return ["active": active]
        case .bare: return active
        case .text: return isActive ? "true" : "false"
        case .digit: return isActive ? 1 : 0
        case .php: return isActive ? 1 : nil
        case .camel: return ["canStart": active]
        case .camelID: return ["cronId": id, "canStart": active]
        case .snake: return ["can_start": active]
        case .snakeID: return ["cron_id": id, "can_start": active]
        case .french: return ["actif": active]
        case .data: return ["data": ["active": active]]
        case .dataID: return ["data": ["id": id, "active": active]]
        case .dataBare: return ["data": active]
        case .dataIDOrNull: return ["data": isActive ? ["id": id] : .null]
        case .idOrNull: return isActive ? ["id": id] : .null
        case .idOrZero: return isActive ? ["id": id] : 0
        case .idOrObject: return isActive ? ["id": id] : [:]
        case .idOrArray: return isActive ? ["id": id] : []
        case .idOrEmpty: return isActive ? ["id": id] : nil
        }
    }

    /// The body of the other three calls.
    private func named(_ number: Int64, of subject: IdentifierForm.Subject) -> JSON {
        let id = identifiers.json(number, of: subject)
        switch self {
        case .bare, .text, .digit, .php: return id
        case .camel, .camelID: return ["\(subject.rawValue)Id": id]
        case .snake, .snakeID: return ["\(subject.rawValue)_id": id]
        case .data, .dataID, .dataIDOrNull: return ["data": ["id": id]]
        case .dataBare: return ["data": id]
        default: return ["id": id]
        }
    }

    private func example(_ route: Route, _ body: JSON) -> String {
        spoken(Answer(body: body), to: route).body.map(String.init(describing:)) ?? "an empty body"
    }
}
