package import CharonAPI
package import CharonCore
import CharonRuns

/// What the answers to the calls mean.
extension DeliveryMachine {
    /// The answer to `askCanStart`.
    package mutating func handle(_ answer: CanStartAnswer, at now: Instant, random: Double) {
        switch answer {
        case .yes(let id):
            // The attempts go on counting until the start itself succeeds, or a start that fails would never slow down.
            record.cronID = id ?? record.cronID
            notBefore = nil
            mayStart = true
        case .no: refuse("ran, refused later: the cron is switched off")
        case .notRegistered: handleNotFound(Self.notRegistered, at: now, random: random)
        case .unauthorized(let status): hold(Self.badKey(status), nil, at: now, random: random)
        case .noAnswer(let reason): hold(reason.detail, reason.retryAfter, at: now, random: random)
        }
    }

    /// The answer to `start`.
    package mutating func handle(_ answer: StartAnswer, at now: Instant, random: Double) {
        guard case .sent(let intent) = record.start else { return }
        mayStart = false
        // After one uncertain start every later one stays a possible second.
        record.start = record.hadUncertainStart ? .uncertain(at: intent) : .unsent
        switch answer {
        case .started(let execution):
            record.start = .answered(execution)
            settle()
        case .inactive: refuse("ran, refused later: the cron is switched off")
        case .notRegistered: handleNotFound(Self.notRegistered, at: now, random: random)
        case .unauthorized(let status): hold(Self.badKey(status), nil, at: now, random: random)
        case .notSent(let reason), .rejected(let reason):
            hold(reason.detail, reason.retryAfter, at: now, random: random)
        case .uncertain(let reason):
            hold(reason.detail, reason.retryAfter, at: now, random: random)
            becomeUncertain(intent)
        }
    }

    /// The answer to `deliver`.
    package mutating func handle(_ answer: DeliveryAnswer, at now: Instant, random: Double) {
        guard let underWay else { return }
        self.underWay = nil
        switch answer {
        case .accepted: take(underWay)
        case .refused(let status, let reason): giveUp(underWay, status, reason)
        case .later(let reason) where reason.isConflict && underWay.isEnd:
            take(underWay)
            record.note = "Charon had ended the execution already: \(reason.detail)"
        case .notFound:
            handleNotFound("Charon does not know the execution", at: now, random: random)
        case .unauthorized(let status):
            hold(Self.badKey(status), nil, at: now, random: random)
        case .later(let reason):
            count(reason, of: underWay, at: now)
            hold(reason.detail, reason.retryAfter, at: now, random: random)
        }
    }

    private static let notRegistered = "not registered on Charon"

    private static func badKey(_ status: Int) -> String {
        "Charon refuses the key (\(status)): check the application's key"
    }

    /// Charon has it.
    private mutating func take(_ delivery: UnderWay) {
        settle()
        switch delivery {
        case .notice: record.isNoticeSent = true
        case .batch(let batch, _):
            acknowledge(batch.bounds)
            record.messages += 1
            record.lines += batch.lines
            record.textBytes += Int64(batch.text.utf8.count)
        case .gap(let gap): pass(gap)
        case .placeholder(let placeholder, let isTrial):
            record.textBytes += Int64(placeholder.text.utf8.count)
            // Charon takes messages of this execution, so it was the text that it failed at.
            if isTrial { setAside(placeholder.message) }
            record.setAside.placeholder = nil
        case .end: record.end = .answered
        }
    }

    /// Charon will never take it.
    private mutating func giveUp(_ delivery: UnderWay, _ status: Int, _ reason: String) {
        settle()
        switch delivery {
        case .notice:
            record.isNoticeSent = true
            record.note = "set aside: \(reason)"
        case .gap(let gap):
            pass(gap)
            record.note = "set aside: \(reason)"
        case .batch(let batch, let at):
            let message = batch.setAside(status: status, reason: reason, at: at)
            setAside(message)
            record.setAside.placeholder = message
        case .placeholder(let placeholder, let isTrial):
            if isTrial { setAside(placeholder.message) }
            record.setAside.placeholder = nil
            record.note = "set aside, and the placeholder too: \(reason)"
        case .end(let isMinimal):
            record.note = "end refused: \(reason)"
            if isMinimal { record.end = .givenUp } else { record.isEndMinimal = true }
        }
    }

    private mutating func setAside(_ message: DeliveryRecord.SetAside.Message) {
        acknowledge(message.bytes)
        record.setAside.add(message)
        record.note = "set aside: \(message.reason)"
    }

    mutating func acknowledge(_ bytes: DeliveryRecord.Batch) {
        record.acknowledged = bytes.to
        record.sending = nil
        let count = ready.prefix { $0.bounds.to <= bytes.to }.count
        let last = ready.prefix(count).last
        levels = last?.levels
        record.withheld += last?.withheld ?? 0
        ready.removeFirst(count)
    }

    /// Counts what makes a message or an end suspect; a substitute that fails too clears it.
    private mutating func count(_ reason: NoAnswer, of delivery: UnderWay, at now: Instant) {
        switch delivery {
        case .notice, .gap, .placeholder(_, isTrial: false): break
        case .placeholder(_, isTrial: true): serverErrors = ServerErrors()
        case .end(let isMinimal) where isMinimal && !record.isEndMinimal: serverErrors = ServerErrors()
        case .batch, .end: serverErrors.add(reason, at: now)
        }
    }

    /// A delay is over, and what was under way is done with.
    mutating func settle() {
        if attempt > 0 { record.note = lastingNote }
        attempt = 0
        notBefore = nil
        notFoundSince = nil
        serverErrors = ServerErrors()
    }

    private mutating func refuse(_ reason: String) {
        settle()
        record.start = .refused(reason)
        record.note = reason
    }

    mutating func becomeUncertain(_ at: Instant) {
        record.start = .uncertain(at: at)
        guard request.policies.whenUncertain == .never else { return }
        refuse("the start at \(at.rfc3339) got no answer and is not repeated (policy never)")
    }

    private mutating func hold(_ reason: String, _ retryAfter: TimeSpan?, at now: Instant, random: Double) {
        if attempt == 0 { lastingNote = record.note }
        record.note = reason
        var seconds = Backoff.seconds(attempt: attempt, random: random)
        if let retryAfter { seconds = max(seconds, min(retryAfter, Timing.longestRetryAfter).seconds) }
        attempt += 1
        notBefore = now.advanced(bySeconds: max(seconds, Timing.shortestBackoff.seconds))
    }

    private mutating func handleNotFound(_ reason: String, at now: Instant, random: Double) {
        let since = notFoundSince ?? now
        hold(reason, nil, at: now, random: random)
        notFoundSince = since
        guard now.seconds(since: since) >= Timing.notFoundPatience.seconds else { return }
        guard case .answered = record.start else { return refuse(reason) }
        record.end = .givenUp
    }
}

extension DeliveryMachine.UnderWay {
    fileprivate var isEnd: Bool { if case .end = self { true } else { false } }
}
