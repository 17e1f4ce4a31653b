package import CharonCore

/// What an exchange says of a start: whether there is an execution now.
///
/// | exchange | answer |
/// | --- | --- |
/// | 2xx with an id | `started` |
/// | 418 | `inactive` |
/// | 404, JSON or empty | `notRegistered` |
/// | 401, 403 | `unauthorized` |
/// | a failure before the request was written | `notSent` |
/// | 3xx; 404 with a page; other 4xx; 5xx but 504 | `rejected` |
/// | a failure after the request was written; 504; 2xx without an id | `uncertain` |
///
/// 504 is a gateway that passed the request on and lost the answer (RFC 9110, 15.6.5), so it proves nothing.
package enum StartAnswer: Hashable, Sendable {
    case started(ExecutionID)
    /// The cron is switched off.
    case inactive
    /// Charon does not know the cron.
    case notRegistered
    /// Charon does not accept the key: 401 or 403.
    case unauthorized(status: Int)
    /// The request did not reach the server: there is no execution, and a retry is safe.
    case notSent(NoAnswer)
    /// The server answered without an execution: a retry is safe.
    case rejected(NoAnswer)
    /// There may be an execution whose id nobody knows.
    case uncertain(NoAnswer)

    package init(_ exchange: Exchange, to request: CharonRequest, reader: AnswerReader) {
        switch exchange {
        case .failure(let failure):
            let noAnswer = NoAnswer(failure, request)
            self = failure.written ? .uncertain(noAnswer) : .notSent(noAnswer)
        case .response(let response) where response.isSuccess:
            do {
                self = .started(try reader.executionID(in: response, to: request).value)
            } catch {
                self = .uncertain(NoAnswer(unreadable: error, response))
            }
        case .response(let response):
            switch response.status {
            case 401, 403: self = .unauthorized(status: response.status)
            case 404 where response.isCharons: self = .notRegistered
            case 418: self = .inactive
            case 504: self = .uncertain(NoAnswer(response, request))
            default: self = .rejected(NoAnswer(response, request))
            }
        }
    }
}
