import CharonCore

/// What an exchange says of a message or an end.
///
/// | exchange | answer |
/// | --- | --- |
/// | 2xx, JSON or empty or any text but HTML | `accepted` |
/// | 404, JSON or empty | `notFound` |
/// | 401, 403 | `unauthorized` |
/// | 400, 413, 422 | `refused` |
/// | 2xx with HTML; 3xx; 404 with a page; 408, 409, 429, other 4xx; 5xx; every failure | `later` |
///
/// What `later` settles after all is the caller's to decide: 409 to an end (`NoAnswer.isConflict`), and a message that
/// the server fails at again and again (`NoAnswer.isServerError`).
package enum DeliveryAnswer: Hashable, Sendable {
    /// Charon has it; the id is that of the message (for an end: of the execution), if the answer names one.
    case accepted(id: String?)
    /// Charon does not know the execution.
    case notFound
    /// Charon does not accept the key: 401 or 403.
    case unauthorized(status: Int)
    /// Charon can never take this request; the reason is the operator's, with the server's own words.
    case refused(status: Int, reason: String)
    /// Nothing is settled: to be sent again.
    case later(NoAnswer)

    package init(_ exchange: Exchange, to request: CharonRequest, reader: AnswerReader) {
        switch exchange {
        case .failure(let failure): self = .later(NoAnswer(failure, request))
        case .response(let response) where response.isSuccess:
            if response.form == .html {
                self = .later(NoAnswer(response, request))
            } else if request.kind == .end {
                self = .accepted(id: (try? reader.executionID(in: response, to: request))?.value.text)
            } else {
                self = .accepted(id: reader.messageID(in: response)?.value)
            }
        case .response(let response):
            switch response.status {
            case 400, 413, 422:
                self = .refused(status: response.status, reason: NoAnswer(response, request).detail)
            case 401, 403: self = .unauthorized(status: response.status)
            case 404 where response.isCharons: self = .notFound
            default: self = .later(NoAnswer(response, request))
            }
        }
    }
}
