import CharonCore
import Testing

@testable import CharonCall

@Suite struct RetryTests {
    /// trouble, idempotent, after_sent, whether it is sent again.
    @Test(arguments: [
        (Retry.Trouble.notSent, true, false, true), (.notSent, false, false, true),
        (.lost, true, false, true), (.lost, false, false, false), (.lost, false, true, true),
        (.status(429, retryAfter: nil), false, false, true), (.status(429, retryAfter: nil), true, false, true),
        (.status(503, retryAfter: nil), true, false, true), (.status(503, retryAfter: nil), false, false, false),
        (.status(503, retryAfter: nil), false, true, true),
        (.status(500, retryAfter: nil), true, true, false), (.status(404, retryAfter: nil), true, true, false),
    ])
    func whatIsSentAgain(_ trouble: Retry.Trouble, _ isIdempotent: Bool, _ isAllowed: Bool, _ isAgain: Bool) {
        var retry = Retry()
        retry.isAllowedAfterSending = isAllowed
        #expect((retry.delay(after: trouble, isIdempotent: isIdempotent, attempt: 0) != nil) == isAgain)
    }

    @Test func onlyWhatIsNamedIsTriedAgain() {
        var retry = Retry()
        retry.reasons = [.status(500)]
        #expect(retry.delay(after: .notSent, isIdempotent: true, attempt: 0) == nil)
        #expect(retry.delay(after: .status(429, retryAfter: nil), isIdempotent: true, attempt: 0) == nil)
        #expect(retry.delay(after: .status(500, retryAfter: nil), isIdempotent: true, attempt: 0) != nil)
    }

    @Test func delaysGrowUpToTheMost() {
        var retry = Retry()
        (retry.most, retry.backoffSeconds, retry.multiplier) = (4, 0.5, 3)
        let delays = (0...4).map { retry.delay(after: .notSent, isIdempotent: true, attempt: $0)?.milliseconds }
        #expect(delays == [500, 1500, 4500, 13_500, nil])
        (retry.most, retry.multiplier) = (100, 10)
        #expect(retry.delay(after: .notSent, isIdempotent: true, attempt: 99) == Retry.longestDelay)
    }

    @Test func whatTheAPIAsksForIsTheLeast() {
        let retry = Retry()
        let asked = retry.delay(after: .status(429, retryAfter: .seconds(20)), isIdempotent: false, attempt: 0)
        #expect(asked == .seconds(20))
        #expect(
            retry.delay(after: .status(429, retryAfter: .seconds(0)), isIdempotent: false, attempt: 0) == .seconds(1))
    }
}
