/// An answer that is not Charon's own, such as a proxy's.
struct Page: Hashable, Sendable {
    let status: Int
    var contentType = "application/json"
    let body: String
    /// The value of the header `Retry-After`.
    var retryAfter: String?
    /// The value of the header `Location`.
    var location: String?

    /// A refusal as the API gives it.
    static func json(_ status: Int, retryAfter: String? = nil) -> Page {
        Page(status: status, body: #"{"error":"injected fault"}"#, retryAfter: retryAfter)
    }

    /// A page for people.
    static func html(_ status: Int, location: String? = nil) -> Page {
        let title = "\(status) \(Responder.reasons[status] ?? "")"
        return Page(
            status: status,
            contentType: "text/html; charset=UTF-8",
            body: """
                <!DOCTYPE html>
                <html><head><title>\(title)</title></head><body><h1>\(title)</h1><p>injected fault</p></body></html>

                """,
            location: location
        )
    }
}
