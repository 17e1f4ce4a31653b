package import CharonCore

/// What an exchange says to the question whether a cron may start.
///
/// | exchange | answer |
/// | --- | --- |
/// | 2xx that the reader understands | `yes`, `no` |
/// | 404, JSON or empty | `notRegistered` |
/// | 401, 403 | `unauthorized` |
/// | 2xx not understood, HTML; 3xx; 404 with a page; 408, 429, other 4xx; 5xx; every failure | `noAnswer` |
package enum CanStartAnswer: Hashable, Sendable {
    case yes(cronID: CronID?)
    case no(cronID: CronID?)
    /// Charon does not know the cron.
    case notRegistered
    /// Charon does not accept the key: 401 or 403.
    case unauthorized(status: Int)
    case noAnswer(NoAnswer)

    package init(_ exchange: Exchange, to request: CharonRequest, reader: AnswerReader) {
        switch exchange {
        case .failure(let failure): self = .noAnswer(NoAnswer(failure, request))
        case .response(let response) where response.isSuccess:
            do {
                let state = try reader.cronState(in: response, to: request).value
                self = state.isActive ? .yes(cronID: state.cronID) : .no(cronID: state.cronID)
            } catch {
                self = .noAnswer(NoAnswer(unreadable: error, response))
            }
        case .response(let response):
            switch response.status {
            case 401, 403: self = .unauthorized(status: response.status)
            case 404 where response.isCharons: self = .notRegistered
            default: self = .noAnswer(NoAnswer(response, request))
            }
        }
    }
}
