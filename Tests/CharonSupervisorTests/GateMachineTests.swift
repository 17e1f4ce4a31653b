import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The gate: what came back, the policies and the last answer make the decision")
struct GateMachineTests {
    /// What a gate did on its way to a decision.
    struct Passage {
        var decision: GateDecision
        var asked = 0
        var starts: [StartReference] = []
        var pauses = 0
    }

    /// Walks through a gate; the last answer of each list is given again and again.
    static func pass(
        _ request: RunRequest, last: Bool? = nil, canStart: [CanStartAnswer] = [.yes(cronID: nil)],
        start: [StartAnswer] = [], reachable: (Int) -> Bool = { _ in true }
    ) throws -> Passage {
        var machine = GateMachine(request, lastAnswer: last)
        var passage = Passage(decision: .skip(.overlap, remember: nil, note: nil))
        var step = 0
        func isReachable() -> Bool {
            step += 1
            return reachable(step)
        }
        var action = machine.resume(isReachable: isReachable())
        for _ in 0..<50 {
            switch action {
            case .askCanStart:
                let answer = canStart[min(passage.asked, canStart.count - 1)]
                passage.asked += 1
                action = machine.handle(answer, isReachable: isReachable())
            case .start(let reference):
                let answer = start[min(passage.starts.count, start.count - 1)]
                passage.starts.append(reference)
                action = machine.handle(answer, at: noon, isReachable: isReachable())
            case .pause:
                passage.pauses += 1
                action = machine.resume(isReachable: isReachable())
            case .decide(let decision):
                passage.decision = decision
                return passage
            }
        }
        Issue.record("no decision after 50 actions")
        return passage
    }

    let execution = ExecutionID("17")
    let cron = CronID("5")

    @Test("A yes and an id: the command runs, and the yes is remembered")
    func yes() throws {
        let execution = try #require(execution)
        let passage = try Self.pass(request(), canStart: [.yes(cronID: cron)], start: [.started(execution)])
        #expect(passage.decision == .run(.answered(execution), .yes, cronID: cron, remember: true, note: nil))
        #expect(passage.asked == 1)
        #expect(passage.pauses == 0)
    }

    @Test("The cron's id: the configured one, else that of the answer, else the slug")
    func references() throws {
        let execution = try #require(execution)
        let (cron, configured) = (try #require(cron), try #require(CronID("9")))
        var own = try request()
        own.cronID = configured
        for (request, answer, expected) in [
            (own, cron, .cron(configured)), (own, nil, .cron(configured)), (try request(), cron, .cron(cron)),
            (try request(), nil, .slug(try slug())),
        ] as [(RunRequest, CronID?, StartReference)] {
            let passage = try Self.pass(request, canStart: [.yes(cronID: answer)], start: [.started(execution)])
            #expect(passage.starts == [expected])
        }
    }

    @Test("A no is final, whatever the policies and the last answer say", arguments: WhenUnreachable.allCases)
    func no(policy: WhenUnreachable) throws {
        let request = try request { $0.whenUnreachable = policy }
        for last in [nil, true, false] {
            #expect(
                try Self.pass(request, last: last, canStart: [.no(cronID: nil)]).decision
                    == .skip(.off, remember: false, note: nil))
            // 418 of start is final even after a yes of can-start.
            #expect(
                try Self.pass(request, last: last, start: [.inactive]).decision
                    == .skip(.off, remember: false, note: nil))
        }
    }

    /// Each kind of no answer, with how many attempts are made while Charon as a whole is reachable.
    static let silences: [(canStart: CanStartAnswer, attempts: Int)] = [
        (.noAnswer(.silence), Timing.gateAttempts),
        (.unauthorized(status: 401), 1),
        (.unauthorized(status: 403), 1),
    ]

    @Test("No answer: the policy decides, and for last Charon's last answer")
    func unanswered() throws {
        let table: [(WhenUnreachable, Bool?, Bool)] = [
            (.last, nil, true), (.last, true, true), (.last, false, false),
            (.run, nil, true), (.run, true, true), (.run, false, true),
            (.skip, nil, false), (.skip, true, false), (.skip, false, false),
        ]
        for (policy, last, runs) in table {
            let request = try request { $0.whenUnreachable = policy }
            for (answer, attempts) in Self.silences {
                let passage = try Self.pass(request, last: last, canStart: [answer])
                #expect(passage.asked == attempts)
                #expect(passage.starts.isEmpty)
                #expect(isUnanswered(passage.decision, runs: runs, remember: nil), "\(policy) \(answer)")
            }
            // The breaker is open: nothing is asked at all.
            let shut = try Self.pass(request, last: last, reachable: { _ in false })
            #expect(shut.asked == 0)
            #expect(isUnanswered(shut.decision, runs: runs, remember: nil))
        }
    }

    private func isUnanswered(_ decision: GateDecision, runs: Bool, remember: Bool?) -> Bool {
        switch decision {
        case .run(.unsent, _, _, let remembered, let note): runs && note != nil && remembered == remember
        case .skip(.unreachable, let remembered, let note): !runs && note != nil && remembered == remember
        default: false
        }
    }

    @Test("One request's bad luck is asked again as long as Charon is reachable, and no longer")
    func retries() throws {
        let execution = try #require(execution)
        let late = try Self.pass(
            request(), canStart: [.noAnswer(.silence), .noAnswer(.silence), .yes(cronID: nil)],
            start: [.rejected(.silence), .notSent(.silence), .started(execution)])
        #expect(late.decision == .run(.answered(execution), .yes, cronID: nil, remember: true, note: nil))
        #expect(late.asked == 3)
        #expect(late.starts.count == 3)
        #expect(late.pauses == 4)
        // The breaker opens with the first failure: no second attempt.
        let shut = try Self.pass(request(), canStart: [.noAnswer(.silence)], reachable: { $0 == 1 })
        #expect(shut.asked == 1)
        #expect(isUnanswered(shut.decision, runs: true, remember: nil))
        // It opens during the pause.
        let later = try Self.pass(request(), canStart: [.noAnswer(.silence)], reachable: { $0 <= 2 })
        #expect(later.asked == 1)
        #expect(later.pauses == 1)
    }

    @Test("A start that is known not to be: again, then the policy; the yes before it is the last answer")
    func startFailures() throws {
        let table: [(StartAnswer, Int)] = [
            (.notSent(.silence), Timing.gateAttempts), (.rejected(.silence), Timing.gateAttempts),
            (.unauthorized(status: 401), 1), (.unauthorized(status: 403), 1),
        ]
        for (answer, attempts) in table {
            for (policy, runs) in [(WhenUnreachable.last, true), (.run, true), (.skip, false)] {
                let request = try request { $0.whenUnreachable = policy }
                let passage = try Self.pass(request, last: false, canStart: [.yes(cronID: cron)], start: [answer])
                #expect(passage.starts.count == attempts)
                #expect(isUnanswered(passage.decision, runs: runs, remember: true), "\(policy) \(answer)")
                if case .run(_, let gate, let id, _, _) = passage.decision {
                    #expect(gate == .yes)
                    #expect(id == cron)
                }
            }
        }
    }

    @Test("A start without an answer is never repeated by the gate: the command runs, and delivery goes on")
    func uncertain() throws {
        for policy in WhenUncertain.allCases {
            let request = try request { $0.whenUncertain = policy }
            let passage = try Self.pass(request, start: [.uncertain(.silence)])
            #expect(passage.starts.count == 1)
            #expect(
                passage.decision == .run(.uncertain(at: noon), .yes, cronID: nil, remember: true, note: "silence"))
        }
    }

    @Test("Not registered, in either call: run with a note, or skip; nothing is remembered")
    func unregistered() throws {
        for (canStart, start) in [
            (CanStartAnswer.notRegistered, StartAnswer.inactive), (.yes(cronID: cron), .notRegistered),
        ] {
            let run = try Self.pass(request(), last: false, canStart: [canStart], start: [start])
            guard case .run(.unsent, .unregistered, nil, nil, let note?) = run.decision else {
                Issue.record("\(run.decision)")
                continue
            }
            #expect(note.contains("nightly") && note.contains("register"))
            let skip = try Self.pass(
                request { $0.whenUnregistered = .skip }, last: true, canStart: [canStart], start: [start])
            #expect(skip.decision == .skip(.notRegistered, remember: nil, note: nil))
        }
    }

    @Test("An answer out of turn decides by policy and never starts anything")
    func outOfTurn() throws {
        var machine = GateMachine(try request(), lastAnswer: nil)
        guard case .decide(.run(.unsent, _, _, _, _)) = machine.handle(.inactive, at: noon, isReachable: true) else {
            Issue.record("a start before can-start")
            return
        }
        guard case .decide = machine.handle(.yes(cronID: nil), isReachable: true) else {
            Issue.record("an answer after the decision")
            return
        }
    }
}
