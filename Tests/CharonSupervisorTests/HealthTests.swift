import CharonAPI
import CharonCore
import CharonSupervisor
import Testing

@Suite("What an operator is told of an application")
struct HealthTests {
    private let wall = noon + 1_000_000

    private func note(_ health: inout Health, _ sign: Health.Sign, _ exchange: Exchange = .json(200), after: Double = 0)
    {
        health.note(sign, of: exchange, at: noon + after, wall: wall + after, random: 1)
    }

    @Test("A breaker is closed, open until a time of the wall clock, then probing")
    func condition() {
        var health = Health()
        #expect(health.breaker.condition == .closed)
        #expect(health.opening(at: noon, wall: wall) == nil)
        for _ in 0..<Timing.breakerFailures { note(&health, .noAnswer(.silence), .refused) }
        #expect(health.breaker.condition == .open(until: noon + 0.75))
        #expect(health.opening(at: noon, wall: wall) == wall + 0.75)
        #expect(health.opening(at: noon + 5, wall: wall + 5) == wall + 0.75)
        #expect(health.breaker.permit(at: noon + 5) == .allowed)
        #expect(health.breaker.condition == .probing)
        #expect(health.opening(at: noon + 5, wall: wall + 5) == nil)
        note(&health, .answer, after: 6)
        #expect(health.breaker.condition == .closed)
    }

    @Test("The last success and the last error are kept beside each other, with their times")
    func times() {
        var health = Health()
        #expect(health.lastSuccess == nil && health.lastFailure == nil)
        note(&health, .answer, after: 1)
        note(&health, .noAnswer(.silence), .lost, after: 2)
        note(&health, .answer, after: 3)
        #expect(health.lastSuccess == wall + 3)
        #expect(health.lastFailure?.at == wall + 2 && health.lastFailure?.text == "silence")
        note(&health, .refusal("bad key"), .json(401), after: 4)
        #expect(health.lastSuccess == wall + 3)
        #expect(health.lastFailure?.at == wall + 4 && health.lastFailure?.text == "bad key")
        // Who refuses is there.
        #expect(health.breaker.isClosed)
    }

    @Test("A request that was given up is no error; one that this host could not make is")
    func local() {
        var health = Health()
        for (kind, isError) in [(ExchangeFailure.Kind.cancelled, false), (.local, true)] {
            let failure = ExchangeFailure(kind, written: false, detail: "\(kind)")
            let sign = Health.Sign.noAnswer(NoAnswer(reason: failure.reason, detail: "here", isServerFault: false))
            for _ in 0..<10 { note(&health, sign, .failure(failure)) }
            #expect(health.breaker.isClosed)
            #expect((health.lastFailure != nil) == isError)
        }
    }

    @Test("Whatever answers a question is a success; a refused key, a refused message and no answer are errors")
    func signs() throws {
        let reader = AnswerReader()
        let execution = try #require(ExecutionID("e1"))
        let calls: [CharonCall] = [
            .canStart(try slug()), .start(.slug(try slug())), .message(execution, .info, "text"),
            .end(execution, .success, success: true, message: nil),
        ]
        for call in calls {
            let request = call.request()
            func sign(_ exchange: Exchange) -> Health.Sign {
                switch call.kind {
                case .canStart: Health.Sign(CanStartAnswer(exchange, to: request, reader: reader), to: request)
                case .start: Health.Sign(StartAnswer(exchange, to: request, reader: reader), to: request)
                case .message, .end: Health.Sign(DeliveryAnswer(exchange, to: request, reader: reader), to: request)
                }
            }
            for answered in [Exchange.json(200, ["id": 1]), .json(404)] {
                #expect(sign(answered) == .answer, "\(call)")
            }
            for status in [401, 403] {
                guard case .badKey(let text) = sign(.json(status)) else {
                    Issue.record("\(call) \(status)")
                    continue
                }
                #expect(text.hasPrefix("\(request) answered \(status)") && text.contains("key"))
            }
            for failed in [Exchange.json(500), .refused, .lost] {
                guard case .noAnswer = sign(failed) else {
                    Issue.record("\(call) \(failed)")
                    continue
                }
            }
            if call.kind == .message {
                guard case .refusal(let text) = sign(.json(413)) else { throw Missed() }
                #expect(text.contains("413"))
            }
        }
    }
}
