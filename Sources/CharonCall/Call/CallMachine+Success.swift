import CharonAPI
import CharonCore

/// What follows a success: values, waiting, output, the next step.
extension CallMachine {
    mutating func succeed(_ answer: Answer, _ moment: Moment) throws(CallFailure) -> [Action] {
        if let check = step.expect.json, let pointer = try check.pointer?.value(values), let json = answer.json,
            let found = pointer.resolve(in: json).map({ Values.text(of: $0) }), check.failed.contains(found)
        {
            throw CallFailure(
                .failed,
                "\(shown) answered \(answer.status), and \(found) at \"\(pointer)\": \(Excerpt.of(answer.body))")
        }
        stepShown = shown
        let wait = step.wait.flatMap { wait in
            wait.when.map { $0.contains { $0.contains(answer.status) } } ?? true ? wait : nil
        }
        // An answer that needs no waiting may be of another form than one that does.
        try take(step.values, from: answer, isNeeded: step.wait == nil || wait != nil)
        guard let wait, let template = wait.request else { return complete(answer, moment) }
        let deadline = wait.deadline.map { TimeSpan(milliseconds: moment.elapsed.milliseconds + $0.milliseconds) }
        exchange = Exchange(
            template: template, purpose: .poll(Polling(wait: wait, deadline: deadline, interval: wait.interval)))
        return try sendFresh(moment)
    }

    /// Gives names to what stands in an answer; what is missing is empty, unless it is needed.
    mutating func take(_ pointed: [Step.PointedValue], from answer: Answer, isNeeded: Bool) throws(CallFailure) {
        guard !pointed.isEmpty else { return }
        let json = answer.json
        for value in pointed {
            let pointer = try value.pointer.value(values)
            if let found = json.flatMap({ pointer.resolve(in: $0) }) {
                values.set(value.name, found)
            } else if isNeeded {
                let reason = json == nil ? "that is no JSON" : "without \"\(pointer)\""
                throw CallFailure(
                    .refused, "\(shown) answered \(answer.status) with a body \(reason): \(Excerpt.of(answer.body))")
            } else {
                values.set(value.name, "")
            }
        }
    }

    /// The end of a step: its lines, and its file.
    mutating func complete(_ answer: Answer, _ moment: Moment) -> [Action] {
        var shownValues = values
        if values["status"] == nil { shownValues.set("status", .integer(Int64(answer.status))) }
        if values["json"] == nil {
            shownValues.set("json", answer.json ?? .string(String(decoding: answer.body, as: UTF8.self)))
        }
        let lines = step.output.map { Action.say(Line(.output, $0.render(shownValues))) }
        guard let target, !answer.isSaved else { return lines + nextStep(moment) }
        return lines + [.save(answer.body, target)]
    }

    mutating func nextStep(_ moment: Moment) -> [Action] {
        guard index + 1 < file.steps.count else {
            let text = file.steps.count > 1 ? "\(file.steps.count) steps" : stepShown
            return [.say(Line(.success, "done: \(text)")), .finish(.done)]
        }
        index += 1
        do throws(CallFailure) { return try begin(moment) } catch { return end(error) }
    }
}
