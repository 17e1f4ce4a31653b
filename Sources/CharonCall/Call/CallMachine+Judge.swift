import CharonAPI
import CharonCore
import HTTPTypes

/// What an answer means, or that there is none.
extension CallMachine {
    mutating func judge(_ answer: Answer, _ moment: Moment) -> [Action] {
        guard var exchange else { return [.finish(.done)] }
        if case .token = file.auth, answer.status == 401, !exchange.isRenewed, !isExpected(401) {
            exchange.isRenewed = true
            self.exchange = exchange
            let refused = token
            token = nil
            return [.authenticate(refused: refused)]
        }
        let said = headerLines(answer)
        do throws(CallFailure) {
            if case .poll(let polling) = exchange.purpose { return try judge(answer, polling, moment) }
            return said + (try judgeStep(answer, exchange.request, moment))
        } catch {
            return said + end(error)
        }
    }

    private mutating func judgeStep(_ answer: Answer, _ request: PreparedRequest?, _ moment: Moment)
        throws(CallFailure) -> [Action]
    {
        if let meaning = step.expect.meaning(of: answer.status) {
            return [.say(Line(.success, "\(prefix)\(answer.status): \(meaning)")), .finish(.done)]
        }
        guard step.expect.isSuccess(answer.status) else { return try refusal(answer, moment) }
        if isServerDryRun, let request, isDryRun(request) { return try dryRunEnd(answer) }
        return try succeed(answer, moment)
    }

    private func isExpected(_ status: Int) -> Bool {
        if case .poll(let polling) = exchange?.purpose { return polling.wait.until.verdict(of: status) != nil }
        return step.expect.isSuccess(status) || step.expect.meaning(of: status) != nil
    }

    /// An answer that is no success: once more, or the end.
    mutating func refusal(_ answer: Answer, _ moment: Moment) throws(CallFailure) -> [Action] {
        let asked = answer.headers[.retryAfter].flatMap { RetryAfter.parse($0, now: moment.wall) }
        let excerpt = Excerpt.of(answer.body)
        let text = "\(shown) answered \(answer.status)" + (excerpt.isEmpty ? "" : ": \(excerpt)")
        if let again = try again(.status(answer.status, retryAfter: asked), text, moment) { return again }
        throw CallFailure(answer.status == 401 || answer.status == 403 ? .authentication : .refused, text)
    }

    mutating func judge(_ failure: TransportFailure, _ moment: Moment) throws(CallFailure) -> [Action] {
        switch failure {
        case .call(let failure): throw failure
        case .notSent(let reason):
            let text = "\(shown): \(reason)"
            if let again = try again(.notSent, text, moment) { return again }
            throw CallFailure(.unreachable, text)
        case .lost(let reason):
            _ = try remaining(moment)
            var text = "\(shown): \(reason)"
            if let again = try again(.lost, text, moment) { return again }
            if exchange?.request?.isSafe == false { text += "; it may have been executed" }
            throw CallFailure(.unreachable, text)
        }
    }

    /// What to do to send the current request again; nil if it is not sent again.
    private mutating func again(_ trouble: Retry.Trouble, _ text: String, _ moment: Moment) throws(CallFailure)
        -> [Action]?
    {
        guard var exchange, let request = exchange.request,
            let delay = step.retry.delay(after: trouble, isIdempotent: request.isIdempotent, attempt: exchange.attempt)
        else { return nil }
        exchange.attempt += 1
        self.exchange = exchange
        guard delay < (try remaining(moment)) else {
            throw CallFailure(.deadline, "\(text); the deadline leaves no time to try again in \(delay)")
        }
        return [.say(Line(.warning, "\(text); trying again in \(delay)")), .sleep(delay)]
    }

    /// The headers of an answer that are worth a line.
    func headerLines(_ answer: Answer) -> [Action] {
        let found = file.loggedHeaders.compactMap { name in
            HTTPField.Name(name).flatMap { answer.headers[$0] }.map { "\(name): \($0)" }
        }
        return found.isEmpty ? [] : [.say(Line(.progress, prefix + found.joined(separator: ", ")))]
    }

    private func dryRunEnd(_ answer: Answer) throws(CallFailure) -> [Action] {
        let name = try file.serverDryRun?.header?.value(values) ?? ""
        guard let field = HTTPField.Name(name), answer.headers[field] != nil else {
            throw CallFailure(
                .refused, "\(shown) answered \(answer.status) without the header \(name): it may have been executed")
        }
        return [.say(Line(.success, "dry run: \(shown) answered \(answer.status)")), .finish(.done)]
    }
}
