package import CharonAPI
import CharonControl
package import CharonCore
package import Logging
import Synchronization

/// One application of Charon as the daemon uses it: its transport, its breaker and its budget.
package final class Application: Sendable {
    package let name: String
    /// The base URL, for the operator.
    ///
    /// It carries no secret.
    package let url: String
    private let transport: any CharonTransport
    private let reader: AnswerReader
    private let state = Mutex(Health())
    private let bucket: Mutex<TokenBucket>
    /// What runs with much to send leave in the bucket.
    private let reserve: Double
    private let log: Logger?
    /// Told when the breaker opens, stays open after a probe, or closes.
    private let watcher = Mutex<(@Sendable () -> Void)?>(nil)

    /// `budget` is that of all its messages; starts and ends cost nothing.
    package init(
        name: String, url: String, transport: any CharonTransport, pointers: AnswerPointers = AnswerPointers(),
        budget: TokenBucket.Rate = Timing.applicationBudget, log: Logger? = nil
    ) {
        self.log = log
        self.name = name
        self.url = url
        self.transport = transport
        reader = AnswerReader(pointers)
        bucket = Mutex(TokenBucket(budget, at: SteadyClock.now()))
        reserve = budget.reserve
    }

    /// Where its runs are followed.
    var executor: (any TaskExecutor)? { transport.executor }

    /// Goes on from how an earlier daemon left it, if that is known, and has `watcher` told when the breaker changes.
    func goOn(from earlier: Health?, _ watcher: @escaping @Sendable () -> Void) {
        if let earlier { state.withLock { $0 = earlier } }
        self.watcher.withLock { $0 = watcher }
    }

    /// How the application does at this moment.
    package var health: Health { state.withLock { $0 } }

    /// Whether requests flow freely; while not, the gate's policy decides at once.
    package var isReachable: Bool { state.withLock(\.breaker.isClosed) }

    /// When the breaker lets a request out; nil for now.
    package func opens(at now: Instant) -> Instant? { state.withLock { $0.breaker.opens(at: now) } }

    /// Asks the breaker for one request, which must then be made.
    package func permit(at now: Instant) -> Breaker.Permit { state.withLock { $0.breaker.permit(at: now) } }

    /// Gives a permit back: its request was not made.
    package func abandon(at now: Instant) { state.withLock { $0.breaker.abandoned(at: now) } }

    /// Has an open breaker let the next request out at once.
    package func goOn(at now: Instant) { state.withLock { $0.breaker.goOn(at: now) } }

    /// Takes one message from the application's budget, or says when there will be one.
    ///
    /// A run with little left does not wait behind those that write much.
    package func takeMessage(at now: Instant, hasLittleLeft: Bool) -> Instant? {
        bucket.withLock { $0.take(at: now, leaving: hasLittleLeft ? 0 : reserve) }
    }

    package func canStart(_ slug: Slug) async -> CanStartAnswer {
        let (request, exchange) = await make(.canStart(slug), key: nil)
        let answer = CanStartAnswer(exchange, to: request, reader: reader)
        note(Health.Sign(answer, to: request), of: exchange)
        return answer
    }

    package func start(_ reference: StartReference, key: String) async -> StartAnswer {
        let (request, exchange) = await make(.start(reference), key: key)
        let answer = StartAnswer(exchange, to: request, reader: reader)
        note(Health.Sign(answer, to: request), of: exchange)
        return answer
    }

    /// Sends a message or an end.
    package func deliver(_ call: CharonCall, key: String) async -> DeliveryAnswer {
        let (request, exchange) = await make(call, key: key)
        let answer = DeliveryAnswer(exchange, to: request, reader: reader)
        note(Health.Sign(answer, to: request), of: exchange)
        return answer
    }

    /// Makes a call for an operator, whatever the breaker says, and tells what came back and how it was understood.
    package func probe(_ call: CharonCall, key: String?) async -> ProbeStep {
        let begin = SteadyClock.now()
        let (request, exchange) = await make(call, key: key)
        let milliseconds = SteadyClock.now().seconds(since: begin) * 1000
        let step = ProbeStep(request, exchange, reader, duration: TimeSpan(milliseconds: Int64(milliseconds)))
        note(step.sign, of: exchange)
        return step
    }

    private func make(_ call: CharonCall, key: String?) async -> (CharonRequest, Exchange) {
        let deadline =
            switch call.kind {
            case .canStart: Timing.canStartDeadline
            case .start: Timing.startDeadline
            case .message, .end: Timing.deliveryDeadline
            }
        let request = call.request(idempotencyKey: key)
        return (request, await transport.exchange(request, deadline: deadline))
    }

    private func note(_ sign: Health.Sign, of exchange: Exchange) {
        let (before, now) = state.withLock { health in
            let before = health
            health.note(sign, of: exchange, at: SteadyClock.now(), wall: .now(), random: .random(in: 0...1))
            return (before, health)
        }
        for event in now.events(since: before) { report(event, now) }
        let isWatched = before.breaker != now.breaker && !(before.breaker.isClosed && now.breaker.isClosed)
        if isWatched { watcher.withLock { $0 }?() }
    }

    private func report(_ event: Event, _ health: Health) {
        let reason = SafeText.clipped(health.lastFailure?.text ?? "", to: 1000)
        switch event {
        case .unreachable:
            log?.report(
                event, "Charon is unreachable", .error,
                ["application": "\(name)", "url": "\(url)", "reason": "\(reason)"])
        case .keyRefused:
            log?.report(event, "Charon refuses the key", .error, ["application": "\(name)", "reason": "\(reason)"])
        default: log?.report(event, "Charon answers again", .notice, ["application": "\(name)"])
        }
    }
}
