import CharonAPI
import CharonCore

/// What an answer says of the operation that is waited for.
enum Verdict: Hashable { case done, failed, pending }

extension CallMachine {
    mutating func judge(_ answer: Answer, _ polling: Polling, _ moment: Moment) throws(CallFailure) -> [Action] {
        let verdict: Verdict
        let said: String
        if polling.wait.until.status != nil {
            guard let found = polling.wait.until.verdict(of: answer.status) else {
                return try refusal(answer, moment)
            }
            (verdict, said) = (found, String(answer.status))
        } else {
            guard (200...299).contains(answer.status) else {
                return try refusal(answer, moment)
            }
            (verdict, said) = try value(of: answer, polling)
        }
        try take(polling.wait.values, from: answer, isNeeded: false)
        var polling = polling
        var actions = progress(answer, &polling)
        switch verdict {
        case .done: return actions + headerLines(answer) + complete(answer, moment)
        case .failed:
            let excerpt = Excerpt.of(answer.body)
            actions += headerLines(answer)
            return actions + end(CallFailure(.failed, "\(shown) says \(said): \(excerpt)"))
        case .pending: return actions + poll(polling, moment)
        }
    }

    private func value(of answer: Answer, _ polling: Polling) throws(CallFailure) -> (Verdict, String) {
        let until = polling.wait.until
        let pointer = try until.pointer?.value(values)
        guard let pointer, let found = answer.json.flatMap({ pointer.resolve(in: $0) }) else {
            let pointer = pointer?.description ?? ""
            throw CallFailure(.refused, "\(shown) answered without \"\(pointer)\": \(Excerpt.of(answer.body))")
        }
        let text = Values.text(of: found)
        if until.done.contains(text) { return (.done, text) }
        if until.failed.contains(text) { return (.failed, text) }
        guard until.pending?.contains(text) ?? true else {
            throw CallFailure(
                .refused, "\(shown) says \"\(text)\", which the call file does not name: \(Excerpt.of(answer.body))")
        }
        return (.pending, text)
    }

    /// The line of progress, where it has changed.
    private func progress(_ answer: Answer, _ polling: inout Polling) -> [Action] {
        guard let template = polling.wait.progress else { return [] }
        var shownValues = values
        if values["status"] == nil { shownValues.set("status", .integer(Int64(answer.status))) }
        if values["json"] == nil { shownValues.set("json", answer.json ?? "") }
        let text = template.render(shownValues)
        guard text != polling.progress else { return [] }
        polling.progress = text
        return [.say(Line(.progress, prefix + text))]
    }

    private mutating func poll(_ polling: Polling, _ moment: Moment) -> [Action] {
        var polling = polling
        let interval = polling.interval
        let longer = Double(interval.milliseconds) * polling.wait.backoff
        // What was asked for by the first interval is never shortened by the longest.
        let most = max(polling.wait.longestInterval, polling.wait.interval)
        polling.interval = TimeSpan(milliseconds: min(Int64(longer), most.milliseconds))
        exchange = Exchange(
            template: exchange?.template ?? RequestTemplate(), purpose: .poll(polling), request: exchange?.request)
        guard let left = try? remaining(moment), interval < left else { return end(deadlineFailure) }
        return [.sleep(interval)]
    }
}

extension Wait.Until {
    /// What a status says by itself; nil if it is an error.
    func verdict(of status: Int) -> Verdict? {
        guard let statuses = self.status else { return nil }
        if statuses.done.contains(where: { $0.contains(status) }) { return .done }
        if statuses.failed.contains(where: { $0.contains(status) }) { return .failed }
        let isPending = statuses.pending.map { $0.contains { $0.contains(status) } } ?? (status < 400)
        return isPending ? .pending : nil
    }
}
