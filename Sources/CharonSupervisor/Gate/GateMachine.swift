package import CharonAPI
package import CharonCore
package import CharonRuns

/// The gate of one run: from the answers to can-start and start to the decision whether the command runs.
///
/// A pure state machine over the gate table of the design. `isReachable` is the application's breaker: an answer that
/// does not come is asked for again as long as Charon as a whole is there.
package struct GateMachine: Sendable {
    /// What the runner has to do next.
    package enum Action: Hashable, Sendable {
        case askCanStart
        /// Write the intent to disk, then ask for the start.
        case start(StartReference)
        /// Wait, then call `resume`.
        case pause(TimeSpan)
        case decide(GateDecision)
    }

    private enum State {
        case asking(attempt: Int)
        case starting(attempt: Int, CronID?)
        case decided
    }

    private let request: RunRequest
    private let lastAnswer: Bool?
    private var state = State.asking(attempt: 1)
    private var gate = DeliveryRecord.Gate.unanswered

    /// `lastAnswer` is Charon's last answer for the slug, if it still counts.
    package init(_ request: RunRequest, lastAnswer: Bool?) {
        self.request = request
        self.lastAnswer = lastAnswer
    }

    /// The first action, and the one after a pause.
    package mutating func resume(isReachable: Bool) -> Action {
        switch state {
        case .asking where isReachable: .askCanStart
        case .starting(_, let id) where isReachable: .start(reference(id))
        case .asking, .starting, .decided: decideWithoutAnswer("Charon is unreachable")
        }
    }

    package mutating func handle(_ answer: CanStartAnswer, isReachable: Bool) -> Action {
        guard case .asking(let attempt) = state else { return decideWithoutAnswer("an answer out of turn") }
        switch answer {
        case .yes(let id):
            gate = .yes
            state = .starting(attempt: 1, id)
            return .start(reference(id))
        case .no:
            gate = .no
            return decide(.skip(.off, remember: false, note: nil))
        case .notRegistered:
            return decideUnregistered()
        case .unauthorized(let status):
            return decideWithoutAnswer("Charon refuses the key (\(status)): check the application's key")
        case .noAnswer(let reason):
            guard isReachable, attempt < Timing.gateAttempts else { return decideWithoutAnswer(reason.detail) }
            state = .asking(attempt: attempt + 1)
            return .pause(Timing.gatePause)
        }
    }

    package mutating func handle(_ answer: StartAnswer, at now: Instant, isReachable: Bool) -> Action {
        guard case .starting(let attempt, let id) = state else { return decideWithoutAnswer("an answer out of turn") }
        switch answer {
        case .started(let execution):
            return decide(.run(.answered(execution), gate, cronID: id, remember: true, note: nil))
        case .inactive:
            gate = .no
            return decide(.skip(.off, remember: false, note: nil))
        case .notRegistered:
            return decideUnregistered()
        case .unauthorized(let status):
            return decideWithoutAnswer("Charon refuses the key (\(status)): check the application's key")
        case .uncertain(let reason):
            return decide(.run(.uncertain(at: now), gate, cronID: id, remember: true, note: reason.detail))
        case .notSent(let reason), .rejected(let reason):
            guard isReachable, attempt < Timing.gateAttempts else { return decideWithoutAnswer(reason.detail) }
            state = .starting(attempt: attempt + 1, id)
            return .pause(Timing.gatePause)
        }
    }

    private func reference(_ id: CronID?) -> StartReference {
        (request.cronID ?? id).map { .cron($0) } ?? .slug(request.slug)
    }

    private mutating func decide(_ decision: GateDecision) -> Action {
        state = .decided
        return .decide(decision)
    }

    private mutating func decideUnregistered() -> Action {
        switch request.policies.whenUnregistered {
        case .skip: decide(.skip(.notRegistered, remember: nil, note: nil))
        case .run:
            decide(
                .run(
                    .unsent, .unregistered, cronID: nil, remember: nil,
                    note: "\(request.slug) is not registered on Charon: register it, or its runs stay unreported"
                ))
        }
    }

    private mutating func decideWithoutAnswer(_ reason: String) -> Action {
        let mayRun =
            switch request.policies.whenUnreachable {
            case .run: true
            case .skip: false
            // A yes that has just come from can-start is the last answer.
            case .last: gate == .yes || lastAnswer ?? true
            }
        var id: CronID?
        if case .starting(_, let known) = state { id = known }
        let remembered: Bool? = gate == .yes ? true : nil
        return decide(
            mayRun
                ? .run(.unsent, gate, cronID: id, remember: remembered, note: reason)
                : .skip(.unreachable, remember: remembered, note: reason)
        )
    }
}

/// What the gate decided, and what to remember of Charon's answer.
package enum GateDecision: Hashable, Sendable {
    /// The command runs.
    ///
    /// `start` that is not answered is delivery's to complete.
    case run(DeliveryRecord.Start, DeliveryRecord.Gate, cronID: CronID?, remember: Bool?, note: String?)
    /// It does not; `note` is why Charon gave no answer.
    case skip(SkipReason, remember: Bool?, note: String?)

    /// Charon's answer, if it gave one that the slug's later runs may go by.
    var remember: Bool? {
        switch self {
        case .run(_, _, _, let remember, _), .skip(_, let remember, _): remember
        }
    }
}
