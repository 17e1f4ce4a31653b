package import CharonCore

/// One of the four calls of Charon's API.
package enum CharonCall: Hashable, Sendable {
    /// `GET /{slug}/can-start`: may a run of this cron start?
    case canStart(Slug)
    /// `GET /{id}/start`: begins an execution, although it is a GET.
    case start(StartReference)
    /// `POST /{id}/message`: one message of an execution.
    case message(ExecutionID, Level, String)
    /// `POST /{id}/end`: ends an execution.
    case end(ExecutionID, Level, success: Bool, message: String?)

    /// The calls without their arguments.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case canStart = "can-start"
        case start, message, end
    }

    package var kind: Kind {
        switch self {
        case .canStart: .canStart
        case .start: .start
        case .message: .message
        case .end: .end
        }
    }
}

/// What stands for the cron in `GET /{id}/start`.
package enum StartReference: Hashable, Sendable {
    /// The cron's id, configured or read from the answer to can-start.
    case cron(CronID)
    /// The slug in the id's place, where no id is known.
    case slug(Slug)

    package var text: String {
        switch self {
        case .cron(let id): id.text
        case .slug(let slug): slug.text
        }
    }
}

extension CharonCall {
    /// The request that makes this call.
    ///
    /// `idempotencyKey` is the same for every attempt at one start, message or end; a Charon that knows the header
    /// answers a repetition as it answered the first.
    package func request(idempotencyKey: String? = nil) -> CharonRequest {
        switch self {
        case .canStart(let slug):
            CharonRequest(kind, .get, segment: slug.text, body: nil, idempotencyKey: idempotencyKey)
        case .start(let reference):
            CharonRequest(kind, .get, segment: reference.text, body: nil, idempotencyKey: idempotencyKey)
        case .message(let id, let level, let text):
            CharonRequest(
                kind,
                .post,
                segment: id.text,
                body: ["message": .string(text), "type": .string(level.rawValue)],
                idempotencyKey: idempotencyKey
            )
        case .end(let id, let level, let success, let message):
            CharonRequest(
                kind,
                .post,
                segment: id.text,
                body: [
                    "type": .string(level.rawValue), "success": .bool(success), "message": message.map(JSON.string),
                ],
                idempotencyKey: idempotencyKey
            )
        }
    }
}
