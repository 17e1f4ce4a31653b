package import CharonAPI
package import CharonCore
package import CharonRuns

/// The delivery of one run: which request comes next, and what its answer means.
///
/// Pure; the runner persists `record`. `now` is always the time of a clock that is never set.
package struct DeliveryMachine: Sendable {
    /// What the runner knows of the run at this moment.
    package struct View: Sendable {
        /// Set once the outcome is on disk.
        package var ended: SupervisorRecord.Ended?
        /// The entries behind `record.acknowledged`, if there are any to be sent.
        package var entries: [OutputReader.Entry] = []
        /// The last lines of stderr, for the end of a failure.
        package var lastErrors: [String] = []

        package init() {}
    }

    /// What the runner has to do.
    package enum Action: Hashable, Sendable {
        /// Until the run's files change, or until this time.
        case wait(until: Instant?)
        case askCanStart
        /// The intent is in `record` and must be on disk before this goes out.
        case start(StartReference, key: String)
        /// The bounds are in `record` and must be written before this goes out.
        case deliver(CharonCall, key: String)
        case finished
    }

    package private(set) var record: DeliveryRecord
    private let request: RunRequest
    private let messageBytes: Int
    private var mayStart = false
    private var attempt = 0
    private var notBefore: Instant?
    private var notFoundSince: Instant?
    /// The record's note before that of a delay, which it gets back when the delay is over.
    private var lastingNote: String?
    private var budget: TokenBucket
    private var batch: MessageBatch?

    package init(_ request: RunRequest, _ record: DeliveryRecord, messageBytes: Int, at now: Instant) {
        self.request = request
        self.record = record
        self.messageBytes = messageBytes
        budget = TokenBucket(Timing.runBudget, at: now)
        // What was under way when a daemon died may have reached Charon.
        switch record.start {
        case .sent(let at), .uncertain(let at): becomeUncertain(at)
        case .unsent, .answered, .refused: break
        }
    }

    /// Until when nothing goes out, whatever there is; nil for now.
    package func rests(at now: Instant) -> Instant? {
        if let notBefore, now < notBefore { return notBefore }
        // A message that was under way has been paid for.
        return wantsOutput && record.sending == nil ? budget.next(at: now) : nil
    }

    /// Whether `next` would make use of `View.entries`.
    package var wantsOutput: Bool {
        guard case .answered = record.start, record.end == .unsent else { return false }
        return !isCapped && (record.isNoticeSent || notice == nil)
    }

    /// The next action; `wall` is the time by the wall clock, for the record of an intent.
    package mutating func next(_ view: View, at now: Instant, wall: Instant) -> Action {
        if record.isDone { return .finished }
        if let until = rests(at: now) { return .wait(until: until) }
        if case .answered(let execution) = record.start { return nextMessage(execution, view, at: now) }
        guard mayStart else { return .askCanStart }
        if case .uncertain = record.start { record.hadUncertainStart = true }
        record.isLate = true
        record.start = .sent(at: wall)
        let id = request.cronID ?? record.cronID
        return .start(id.map { .cron($0) } ?? .slug(request.slug), key: "\(request.run)/start")
    }

    private mutating func nextMessage(_ execution: ExecutionID, _ view: View, at now: Instant) -> Action {
        if let notice, !record.isNoticeSent {
            return .deliver(.message(execution, .warning, notice), key: "\(request.run)/notice")
        }
        if !isCapped,
            let next = MessageBatch(
                view.entries, from: record.acknowledged, bounds: record.sending, messageBytes: messageBytes)
        {
            if record.sending == nil { _ = budget.take(at: now) }
            batch = next
            record.sending = next.bounds
            return .deliver(
                .message(execution, next.level, next.text), key: "\(request.run)/\(next.bounds.from)-\(next.bounds.to)")
        }
        guard let ended = view.ended else { return .wait(until: nil) }
        let report = EndReport(request, record, ended, lastErrors: view.lastErrors)
        return .deliver(
            .end(execution, report.level, success: report.isSuccess, message: report.message), key: "\(request.run)/end"
        )
    }

    /// What must be said before the first line; nil if the start was an ordinary one.
    private var notice: String? {
        guard record.isLate else { return nil }
        let asked = "this run was asked for at \(request.askedAt.rfc3339) and its start is reported late"
        guard record.hadUncertainStart else { return asked }
        return asked + "; an earlier start was written and not answered: there may be a second execution of this run"
    }

    private var isCapped: Bool {
        record.messages >= Timing.runCap.messages || record.textBytes >= Timing.runCap.bytes
    }
}

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
    package mutating func handle(_ answer: DeliveryAnswer, to call: CharonCall, at now: Instant, random: Double) {
        switch answer {
        case .accepted: settle(call, isTaken: true)
        case .refused(_, let reason):
            settle(call, isTaken: false)
            record.note = "set aside: \(reason)"
        case .notFound: handleNotFound("Charon does not know the execution", at: now, random: random)
        case .unauthorized(let status): hold(Self.badKey(status), nil, at: now, random: random)
        case .later(let reason): hold(reason.detail, reason.retryAfter, at: now, random: random)
        }
    }

    private static let notRegistered = "not registered on Charon"

    private static func badKey(_ status: Int) -> String {
        "Charon refuses the key (\(status)): check the application's key"
    }

    /// The request is through, whether Charon has taken it or never will.
    private mutating func settle(_ call: CharonCall, isTaken: Bool) {
        settle()
        guard call.kind != .end else {
            record.end = isTaken ? .answered : .givenUp
            return
        }
        guard let batch, record.sending != nil else {
            record.isNoticeSent = true
            return
        }
        record.acknowledged = batch.bounds.to
        record.sending = nil
        self.batch = nil
        guard isTaken else { return }
        record.messages += 1
        record.lines += batch.lines
        record.textBytes += Int64(batch.text.utf8.count)
    }

    /// A delay is over.
    private mutating func settle() {
        if attempt > 0 { record.note = lastingNote }
        attempt = 0
        notBefore = nil
        notFoundSince = nil
    }

    private mutating func refuse(_ reason: String) {
        settle()
        record.start = .refused(reason)
        record.note = reason
    }

    private mutating func becomeUncertain(_ at: Instant) {
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
