import CharonCore

/// A request that the server understands and does not do: a status other than 200 and its reason.
struct Refusal: Error, Hashable {
    let status: Int
    /// One sentence: what is wrong and what is allowed.
    let reason: String
    /// The body's field, the query's parameter or the header that is wrong.
    var field: String?
    /// The method that the path has, for 405.
    var allow: String?

    /// The answer `{"error": reason}`, with `"field"` where there is one.
    var answer: Answer {
        Answer(status: status, body: ["error": .string(reason), "field": field.map(JSON.string)], allow: allow)
    }
}
