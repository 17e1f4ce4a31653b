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
        /// The output that `wants` asked for; none if it asked for nothing.
        package var entries: [OutputReader.Entry] = []
        /// Where `entries` begin; nil for `record.acknowledged`.
        package var from: Int64?
        /// The last ones before them, where `wantsContext`.
        package var before: [OutputReader.Entry] = []
        /// The last lines of stderr, for the end of a failure.
        package var lastErrors: [String] = []

        package init() {}
    }

    /// The output that the runner has to read for `next`.
    package enum Wanted: Hashable, Sendable {
        case nothing
        /// From `record.acknowledged` on, out of so many bytes and not much more than so many bytes of text.
        case next(limit: Int, text: Int)
        /// What of the last so many bytes lies behind `record.acknowledged`.
        case last(limit: Int)
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
        /// Lines that are not to be sent were passed over: there may be others behind them.
        case passed
        case finished
    }

    /// The delivery that waits for its answer.
    enum UnderWay: Hashable {
        /// What must be said before the first line.
        case notice
        case batch(MessageBatch, at: Instant)
        /// In the place of lines that the disk budget took.
        case gap(DeliveryRecord.Dropped.Gap)
        /// In the place of a message that is set aside, or, as a trial, of one that will be if Charon takes this.
        case placeholder(Placeholder, isTrial: Bool)
        /// With the outcome alone, if the full message is refused or suspect.
        case end(isMinimal: Bool)
    }

    package internal(set) var record: DeliveryRecord
    let request: RunRequest
    let limits: DeliveryLimits
    var mayStart = false
    var attempt = 0
    var notBefore: Instant?
    var notFoundSince: Instant?
    /// The record's note before that of a delay, which it gets back when the delay is over.
    var lastingNote: String?
    var underWay: UnderWay?
    /// Those of the message or end that is under way.
    var serverErrors = ServerErrors()
    /// The messages that go out next, the one of `record.sending` first: made in one go, so that they need no further
    /// look at the output and no further write.
    var ready: ArraySlice<MessageBatch> = []
    /// Those behind `record.acknowledged`; nil if the lines before are to be read for them.
    var levels: LineLevels?
    var budget: TokenBucket

    package init(
        _ request: RunRequest, _ record: DeliveryRecord, _ limits: DeliveryLimits = DeliveryLimits(), at now: Instant
    ) {
        self.request = request
        self.record = record
        self.limits = limits
        budget = TokenBucket(limits.budget, at: now)
        levels = record.acknowledged == 0 ? LineLevels(request) : nil
        // What was under way when a daemon died may have reached Charon.
        switch record.start {
        case .sent(let at), .uncertain(let at): becomeUncertain(at)
        case .unsent, .answered, .refused: break
        }
    }

    /// Until when nothing goes out, whatever there is; nil for now.
    package func rests(_ ended: SupervisorRecord.Ended?, at now: Instant) -> Instant? {
        if let notBefore, now < notBefore { return notBefore }
        // A message that was under way has been paid for, and an end costs nothing.
        let hasMessage = !ready.isEmpty || wants(ended) != .nothing
        return hasMessage && record.sending == nil ? budget.next(at: now) : nil
    }

    /// What `next` would make use of.
    package func wants(_ ended: SupervisorRecord.Ended?) -> Wanted {
        guard case .answered = record.start, record.end == .unsent, record.isNoticeSent || notice == nil,
            record.setAside.placeholder == nil, !isAtGap
        else { return .nothing }
        if limits.cap.isFull(record) {
            return ended != nil && record.omitted == nil ? .last(limit: Int(limits.cap.lastBytes)) : .nothing
        }
        guard ready.isEmpty else { return .nothing }
        if let ended, record.ends.isEmpty, record.acknowledged >= ended.outputBytes { return .nothing }
        // What was being sent is as long as it was, whatever the limits are by now.
        let first = Int(clamping: (record.ends.first ?? 0) - record.acknowledged)
        // The last part as a whole, or it would fall into more messages than were counted.
        guard record.omitted == nil else { return .next(limit: max(Int(limits.cap.lastBytes), first), text: .max) }
        return .next(limit: max(Timing.readBytes, first), text: max(limits.form.joinedBytes, Timing.readText, first))
    }

    /// Whether what `wants` asks for is of use only with the lines before it.
    package var wantsContext: Bool { levels == nil }

    /// Whether the run has ended and its end is near: it need not wait behind the backlogs of others.
    package func hasLittleLeft(_ ended: SupervisorRecord.Ended?) -> Bool {
        ended.map { record.waitingBytes(before: $0.outputBytes) <= Timing.littleLeft } ?? false
    }

    /// The next action; `wall` is the time by the wall clock, for what is kept in the record.
    package mutating func next(_ view: View, at now: Instant, wall: Instant) -> Action {
        if record.isDone { return .finished }
        if let until = rests(view.ended, at: now) { return .wait(until: until) }
        if case .answered(let execution) = record.start {
            return nextDelivery(execution, view, at: now, wall: wall)
        }
        guard mayStart else { return .askCanStart }
        if case .uncertain = record.start { record.hadUncertainStart = true }
        record.isLate = true
        record.start = .sent(at: wall)
        let id = request.cronID ?? record.cronID
        return .start(id.map { .cron($0) } ?? .slug(request.slug), key: "\(request.run)/start")
    }

    private mutating func nextDelivery(
        _ execution: ExecutionID, _ view: View, at now: Instant, wall: Instant
    ) -> Action {
        if let notice, !record.isNoticeSent {
            underWay = .notice
            return .deliver(.message(execution, .warning, notice), key: "\(request.run)/notice")
        }
        if let message = record.setAside.placeholder { return deliver(message, execution, isTrial: false) }
        omitMiddle(view)
        if let gap = nextGap(view) { return deliver(gap, execution) }
        if let batch = nextBatch(view, at: now) {
            if serverErrors.isSubstituteDue {
                let message = batch.setAside(status: nil, reason: serverErrors.reason, at: wall)
                return deliver(message, execution, isTrial: true)
            }
            guard let level = batch.level else {
                acknowledge(batch.bounds)
                return .passed
            }
            underWay = .batch(batch, at: wall)
            return .deliver(.message(execution, level, batch.text), key: batch.key(request.run))
        }
        guard let ended = view.ended else { return .wait(until: nil) }
        let report = EndReport(request, record, ended, lastErrors: view.lastErrors)
        let isMinimal = record.isEndMinimal || serverErrors.isSubstituteDue
        let message = isMinimal ? report.minimalMessage : report.message
        underWay = .end(isMinimal: isMinimal)
        return .deliver(
            .end(execution, report.level, success: report.isSuccess, message: message),
            key: "\(request.run)/" + (isMinimal ? "end-2" : "end"))
    }

    private mutating func deliver(
        _ message: DeliveryRecord.SetAside.Message, _ execution: ExecutionID, isTrial: Bool
    ) -> Action {
        let placeholder = Placeholder(message, of: request.run)
        underWay = .placeholder(placeholder, isTrial: isTrial)
        return .deliver(.message(execution, message.level, placeholder.text), key: placeholder.key)
    }

    /// What must be said before the first line; nil if the start was an ordinary one.
    private var notice: String? {
        guard record.isLate else { return nil }
        let asked = "this run was asked for at \(request.askedAt.rfc3339) and its start is reported late"
        guard record.hadUncertainStart else { return asked }
        return asked + "; an earlier start was written and not answered: there may be a second execution of this run"
    }
}
