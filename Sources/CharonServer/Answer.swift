import CharonCore

/// What a request is answered: a status and one JSON value.
struct Answer: Hashable, Sendable {
    var status = 200
    /// Nil for an empty body.
    var body: JSON?
    /// The value of the header `Content-Type`.
    var contentType = "application/json"
    /// The value of the header `Allow`, for 405.
    var allow: String?

    /// The answer of start, message and end: `{"id": 1000001}`.
    static func id(_ id: Int64) -> Answer { Answer(body: ["id": .integer(id)]) }
}
