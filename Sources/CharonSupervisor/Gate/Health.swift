package import CharonAPI
package import CharonCore

/// How an application of Charon does: its breaker, and when it last answered and failed.
package struct Health: Hashable, Sendable {
    /// What one exchange says of the application.
    package enum Sign: Hashable, Sendable {
        /// Charon answered the question, whatever it said.
        case answer
        /// Charon is there and does not accept the key, or what was sent; the text is the operator's.
        case refusal(String)
        /// Charon does not accept the key; the text is the operator's.
        case badKey(String)
        case noAnswer(NoAnswer)
    }

    /// Something that went wrong, and when by the wall clock.
    package struct Failure: Hashable, Sendable {
        package let at: Instant
        package let text: String
    }

    package var breaker = Breaker()
    /// When Charon last answered a question, by the wall clock.
    package private(set) var lastSuccess: Instant?
    package private(set) var lastFailure: Failure?
    /// Charon refused the key, and nothing that came since shows that it takes it.
    package private(set) var isKeyRefused = false

    package init() {}

    /// Of an application that an earlier daemon left unreachable.
    init(unreachableUntil until: Instant, attempt: Int, failure: Failure) {
        breaker = Breaker(openUntil: until, attempt: attempt)
        lastFailure = failure
    }

    /// When an open breaker lets a request out, by the wall clock; nil unless it is open.
    ///
    /// `now` is the time of the clock that is never set.
    package func opening(at now: Instant, wall: Instant) -> Instant? {
        guard case .open(let until) = breaker.condition else { return nil }
        return wall.advanced(bySeconds: until.seconds(since: now))
    }

    /// Takes note of an exchange; `now` is a clock that is never set, `random` from 0 to 1 the breaker's jitter.
    package mutating func note(_ sign: Sign, of exchange: Exchange, at now: Instant, wall: Instant, random: Double) {
        switch sign {
        case .answer:
            lastSuccess = wall
            isKeyRefused = false
        case .refusal(let text): lastFailure = Failure(at: wall, text: text)
        case .badKey(let text):
            lastFailure = Failure(at: wall, text: text)
            isKeyRefused = true
        case .noAnswer(let reason): if !exchange.isGivenUp { lastFailure = Failure(at: wall, text: reason.detail) }
        }
        if case .noAnswer(let reason) = sign, reason.isServerFault {
            breaker.failed(at: now, random: random)
        } else if case .failure = exchange {
            // A fault of this process, or a request that was given up.
            breaker.abandoned(at: now)
        } else {
            breaker.succeeded()
        }
    }
}

extension Health {
    /// What an operator is told of an application that did as `before` says and now does as this.
    package func events(since before: Health) -> [Event] {
        var events: [Event] = []
        if before.breaker.isClosed, !breaker.isClosed { events.append(.unreachable) }
        if !before.isKeyRefused, isKeyRefused { events.append(.keyRefused) }
        let isBack = !before.breaker.isClosed && breaker.isClosed || before.isKeyRefused && !isKeyRefused
        if isBack, breaker.isClosed, !isKeyRefused { events.append(.recovered) }
        return events
    }
}

extension Exchange {
    /// The caller gave up or this process is ending, which is nobody's fault.
    fileprivate var isGivenUp: Bool {
        if case .failure(let failure) = self { failure.kind == .cancelled } else { false }
    }
}

extension Health.Sign {
    package init(_ answer: CanStartAnswer, to request: CharonRequest) {
        switch answer {
        case .yes, .no, .notRegistered: self = .answer
        case .unauthorized(let status): self = .badKey(status, request)
        case .noAnswer(let reason): self = .noAnswer(reason)
        }
    }

    package init(_ answer: StartAnswer, to request: CharonRequest) {
        switch answer {
        case .started, .inactive, .notRegistered: self = .answer
        case .unauthorized(let status): self = .badKey(status, request)
        case .notSent(let reason), .rejected(let reason), .uncertain(let reason): self = .noAnswer(reason)
        }
    }

    package init(_ answer: DeliveryAnswer, to request: CharonRequest) {
        switch answer {
        case .accepted, .notFound: self = .answer
        case .unauthorized(let status): self = .badKey(status, request)
        case .refused(_, let reason): self = .refusal(reason)
        case .later(let reason): self = .noAnswer(reason)
        }
    }

    private static func badKey(_ status: Int, _ request: CharonRequest) -> Health.Sign {
        .badKey("\(request) answered \(status): Charon refuses the key: check the application's key")
    }
}
