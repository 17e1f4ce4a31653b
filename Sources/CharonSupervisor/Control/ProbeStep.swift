package import CharonAPI
import CharonControl
package import CharonCore

/// One call of a probe: the request, what came back, and what was understood from it by which rule.
package struct ProbeStep: Hashable, Sendable {
    /// What an answer was taken for.
    package enum Meaning: String, Hashable, Sendable, CaseIterable {
        case yes, no, started, accepted, unauthorized, refused
        case notRegistered = "not registered"
        case notFound = "not found"
        case noAnswer = "no answer"

        /// Whether the next call may follow.
        package var isGood: Bool { [.yes, .started, .accepted].contains(self) }
    }

    package let request: CharonRequest
    package let exchange: Exchange
    package let duration: TimeSpan
    package let meaning: Meaning
    /// The rule that fired, as in `field data.active`; nil where nothing was read.
    package let rule: String?
    /// The id that the answer names: of the cron, the execution or the message.
    package let id: String?
    package let sign: Health.Sign
    /// A start was written and got no answer that names an execution.
    package let isUncertain: Bool

    /// Reads what came of a request as gate and delivery would.
    package init(_ request: CharonRequest, _ exchange: Exchange, _ reader: AnswerReader, duration: TimeSpan) {
        self.request = request
        self.exchange = exchange
        self.duration = duration
        var answered: CharonResponse?
        if case .response(let response) = exchange { answered = response }
        let success = answered.flatMap { $0.isSuccess ? $0 : nil }
        var read: (id: String?, rule: String?)
        var isUncertain = false
        switch request.kind {
        case .canStart:
            let answer = CanStartAnswer(exchange, to: request, reader: reader)
            sign = Health.Sign(answer, to: request)
            meaning = Meaning(answer)
            let reading = success.flatMap { try? reader.cronState(in: $0, to: request) }
            read = (reading?.value.cronID?.text, reading?.rule)
        case .start:
            let answer = StartAnswer(exchange, to: request, reader: reader)
            if case .uncertain = answer { isUncertain = true }
            sign = Health.Sign(answer, to: request)
            meaning = Meaning(answer)
            let reading = success.flatMap { try? reader.executionID(in: $0, to: request) }
            read = (reading?.value.text, reading?.rule)
        case .message, .end:
            let answer = DeliveryAnswer(exchange, to: request, reader: reader)
            sign = Health.Sign(answer, to: request)
            meaning = Meaning(answer)
            let isEnd = request.kind == .end
            let execution = isEnd ? success.flatMap { try? reader.executionID(in: $0, to: request) } : nil
            let message = isEnd ? nil : success.flatMap { reader.messageID(in: $0) }
            read = (execution?.value.text ?? message?.value, execution?.rule ?? message?.rule)
            if meaning == .accepted, read.rule == nil { read.rule = "any success that is no page; it names no id" }
        }
        if meaning != .noAnswer, success == nil, let status = answered?.status { read.rule = "status \(status)" }
        (id, rule) = read
        self.isUncertain = isUncertain
    }

    /// Why there is no good answer, for the operator; without `showsAddress` it names no host.
    package func reason(showsAddress: Bool) -> String? {
        switch sign {
        case .answer: return nil
        case .refusal(let text), .badKey(let text): return text
        case .noAnswer(let reason):
            var text = reason.detail
            if case .failure(let failure) = exchange, !showsAddress { text = failure.reason }
            return isUncertain ? text + "; there may be an execution now that nobody ends" : text
        }
    }

    /// The form in a reply; `base` is the URL before the path, where the caller may know it.
    package func json(base: String?) -> JSON {
        var response: CharonResponse?
        if case .response(let answered) = exchange { response = answered }
        var base = base
        while base?.last == "/" { base?.removeLast() }
        return [
            "call": .string(request.kind.rawValue),
            "request": .string("\(request.method.rawValue) \(base ?? "")\(request.path)"),
            "status": response.map { .integer(Int64($0.status)) },
            "content_type": response?.contentType.map { .string(Self.line($0)) },
            "body": response.map { .string(SafeText.beginning(of: $0.body, limit: Self.shownBytes)) },
            "body_bytes": response.map { .integer(Int64($0.body.count)) },
            "understood": .string(meaning.rawValue), "rule": rule.map { .string(Self.line($0)) },
            "id": id.map { .string(Self.line($0)) },
            "reason": reason(showsAddress: base != nil).map { .string(SafeText.clipped($0, to: 1000)) },
            "duration_ms": .integer(duration.milliseconds),
        ]
    }

    /// How much of a body is shown.
    private static let shownBytes = 512

    private static func line(_ text: String) -> String { SafeText.clipped(SafeText.escaped(text), to: 300) }
}

extension ProbeStep.Meaning {
    fileprivate init(_ answer: CanStartAnswer) {
        switch answer {
        case .yes: self = .yes
        case .no: self = .no
        case .notRegistered: self = .notRegistered
        case .unauthorized: self = .unauthorized
        case .noAnswer: self = .noAnswer
        }
    }

    fileprivate init(_ answer: StartAnswer) {
        switch answer {
        case .started: self = .started
        case .inactive: self = .no
        case .notRegistered: self = .notRegistered
        case .unauthorized: self = .unauthorized
        case .notSent, .rejected, .uncertain: self = .noAnswer
        }
    }

    fileprivate init(_ answer: DeliveryAnswer) {
        switch answer {
        case .accepted: self = .accepted
        case .notFound: self = .notFound
        case .unauthorized: self = .unauthorized
        case .refused: self = .refused
        case .later: self = .noAnswer
        }
    }
}
