import CharonCore
import CharonSupervisor
import Testing

@Suite("Breaker, back-off and budgets")
struct BreakerTests {
    /// A breaker that has just opened at noon.
    static var open: Breaker {
        var breaker = Breaker()
        for _ in 0..<Timing.breakerFailures { breaker.failed(at: noon, random: 1) }
        return breaker
    }

    @Test("Failures in a row open it; a success between them starts the count again")
    func opens() {
        var breaker = Breaker()
        for _ in 0..<Timing.breakerFailures - 1 { breaker.failed(at: noon, random: 1) }
        breaker.succeeded()
        for _ in 0..<Timing.breakerFailures - 1 { breaker.failed(at: noon, random: 1) }
        #expect(breaker.isClosed)
        #expect(breaker.permit(at: noon) == .allowed)
        breaker.failed(at: noon, random: 1)
        #expect(!breaker.isClosed)
        #expect(breaker.permit(at: noon) == .refused(until: noon + 0.75))
        #expect(breaker.opens(at: noon) == noon + 0.75)
    }

    @Test("Then one probe at a time; its failure waits longer, its success closes")
    func probes() {
        var breaker = Self.open
        #expect(breaker.opens(at: noon + 1) == nil)
        #expect(breaker.permit(at: noon + 1) == .allowed)
        #expect(!breaker.isClosed)
        #expect(breaker.permit(at: noon + 1) != .allowed)
        #expect(breaker.opens(at: noon + 1) != nil)
        breaker.failed(at: noon + 1, random: 1)
        #expect(breaker.permit(at: noon + 2) == .refused(until: noon + 2.25))
        #expect(breaker.permit(at: noon + 2.25) == .allowed)
        breaker.succeeded()
        #expect(breaker.isClosed)
        #expect(breaker.permit(at: noon + 2.25) == .allowed)
        #expect(breaker.permit(at: noon + 2.25) == .allowed)
    }

    @Test("Looking takes no probe; a probe that was not made is given to the next")
    func abandoned() {
        var breaker = Self.open
        #expect(breaker.opens(at: noon + 1) == nil)
        #expect(breaker.opens(at: noon + 1) == nil)
        #expect(breaker.permit(at: noon + 1) == .allowed)
        breaker.abandoned(at: noon + 1)
        #expect(breaker.permit(at: noon + 1) == .allowed)
    }

    @Test("Late failures of earlier requests do not lengthen the pause; it is never nothing, and bounded")
    func pauses() {
        var breaker = Self.open
        for _ in 0..<100 { breaker.failed(at: noon + 0.5, random: 1) }
        #expect(breaker.opens(at: noon) == noon + 0.75)
        var time = noon
        for _ in 0..<100 {
            time = breaker.opens(at: time) ?? time
            #expect(breaker.permit(at: time) == .allowed)
            breaker.failed(at: time, random: 1)
            let pause = (breaker.opens(at: time) ?? time).seconds(since: time)
            #expect(pause >= 0.25 && pause <= Timing.backoff.most.seconds + 0.25)
        }
        var eager = Breaker()
        for _ in 0..<Timing.breakerFailures { eager.failed(at: noon, random: 0) }
        #expect(eager.opens(at: noon) == noon + 0.25)
    }

    @Test("The back-off doubles up to its limit, with full jitter")
    func backoff() {
        let table: [(Int, Double)] = [
            (-1, 0.5), (0, 0.5), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (1000, 60), (.max, 60),
        ]
        for (attempt, limit) in table {
            #expect(Backoff.seconds(attempt: attempt, random: 1) == limit)
            #expect(Backoff.seconds(attempt: attempt, random: 0.5) == limit / 2)
            #expect(Backoff.seconds(attempt: attempt, random: 0) == 0)
        }
    }

    @Test("A budget: the burst, then so many a second, and never more than the burst after a rest")
    func bucket() {
        var bucket = TokenBucket(.init(burst: 3, perSecond: 2), at: noon)
        for _ in 0..<3 { #expect(bucket.take(at: noon) == nil) }
        #expect(bucket.take(at: noon) == noon + 0.5)
        #expect(bucket.take(at: noon + 0.25) == noon + 0.5)
        #expect(bucket.take(at: noon + 0.5) == nil)
        #expect(bucket.take(at: noon + 0.5) != nil)
        for _ in 0..<3 { #expect(bucket.take(at: noon + 3600) == nil) }
        #expect(bucket.take(at: noon + 3600) != nil)
    }

    @Test("A clock that goes back adds nothing and takes nothing")
    func steppedBack() {
        var bucket = TokenBucket(.init(burst: 1, perSecond: 1), at: noon)
        #expect(bucket.take(at: noon) == nil)
        #expect(bucket.take(at: noon + -3600) == noon + -3599)
        #expect(bucket.take(at: noon + -3599) == nil)
    }
}
