package import CharonAPI
package import CharonCore
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
    private let breaker = Mutex(Breaker())
    private let budget: Mutex<TokenBucket>

    package init(
        name: String, url: String, transport: any CharonTransport, pointers: AnswerPointers = AnswerPointers()
    ) {
        self.name = name
        self.url = url
        self.transport = transport
        reader = AnswerReader(pointers)
        budget = Mutex(TokenBucket(Timing.applicationBudget, at: SteadyClock.now()))
    }

    /// Whether requests flow freely; while not, the gate's policy decides at once.
    package var isReachable: Bool { breaker.withLock(\.isClosed) }

    /// When the breaker lets a request out; nil for now.
    package func opens(at now: Instant) -> Instant? { breaker.withLock { $0.opens(at: now) } }

    /// Asks the breaker for one request, which must then be made.
    package func permit(at now: Instant) -> Breaker.Permit { breaker.withLock { $0.permit(at: now) } }

    /// Gives a permit back: its request was not made.
    package func abandon(at now: Instant) { breaker.withLock { $0.abandoned(at: now) } }

    /// Takes one message from the application's budget, or says when there will be one.
    package func takeMessage(at now: Instant) -> Instant? { budget.withLock { $0.take(at: now) } }

    package func canStart(_ slug: Slug) async -> CanStartAnswer {
        let request = CharonCall.canStart(slug).request()
        let exchange = await transport.exchange(request, deadline: Timing.canStartDeadline)
        let answer = CanStartAnswer(exchange, to: request, reader: reader)
        if case .noAnswer(let reason) = answer { note(exchange, reason) } else { note(exchange, nil) }
        return answer
    }

    package func start(_ reference: StartReference, key: String) async -> StartAnswer {
        let request = CharonCall.start(reference).request(idempotencyKey: key)
        let exchange = await transport.exchange(request, deadline: Timing.startDeadline)
        let answer = StartAnswer(exchange, to: request, reader: reader)
        switch answer {
        case .notSent(let reason), .rejected(let reason), .uncertain(let reason): note(exchange, reason)
        case .started, .inactive, .notRegistered, .unauthorized: note(exchange, nil)
        }
        return answer
    }

    /// Sends a message or an end.
    package func deliver(_ call: CharonCall, key: String) async -> DeliveryAnswer {
        let request = call.request(idempotencyKey: key)
        let exchange = await transport.exchange(request, deadline: Timing.deliveryDeadline)
        let answer = DeliveryAnswer(exchange, to: request, reader: reader)
        if case .later(let reason) = answer { note(exchange, reason) } else { note(exchange, nil) }
        return answer
    }

    /// Tells the breaker what an exchange says of the server.
    private func note(_ exchange: Exchange, _ reason: NoAnswer?) {
        breaker.withLock {
            if let reason, reason.isServerFault {
                $0.failed(at: SteadyClock.now(), random: .random(in: 0...1))
            } else if case .failure = exchange {
                // A fault of this process, or a request that was given up.
                $0.abandoned(at: SteadyClock.now())
            } else {
                $0.succeeded()
            }
        }
    }
}
